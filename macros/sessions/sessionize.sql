{% macro sessionize(events, gap='30 minutes', max_duration=none, split_on=[], per='device') -%}
    {%- set gap_ms = check_duration('sessionize', 'gap', gap) -%}
    {%- set longest_ms = check_duration('sessionize', 'max_duration', max_duration) if max_duration is not none -%}
    {%- set longest_ms = longest_ms or none -%}
    {%- set owner = session_owner(check_choice('sessionize', 'per', per, ['device', 'user', 'person'])) -%}
(
    with

    owned as (

        select
            *,
            {{ owner }} as session_owner,
            {{ has_session('session_owner') }} as has_session
        from {{ events }}

    ),

    placed as (

        {{ placements('owned', gap_ms, longest_ms, split_on) }}

    )

    select
        owned.* except (session_id, session_number, event_number_in_session, session_owner, has_session),
        placed.session_id as session_id,
        placed.session_number::UInt32 as session_number,
        placed.event_number_in_session::UInt32 as event_number_in_session
    from owned
    any left join placed
        on
            owned.project_id = placed.project_id
            and owned.event_id = placed.event_id
            and owned.occurred_at = placed.occurred_at
            and if(owned.has_session, owned.session_owner, 0) = placed.session_owner
)
{%- endmacro %}
