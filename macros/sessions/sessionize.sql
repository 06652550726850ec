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
            session_owner != ''{{ session_condition() }} as has_session
        from {{ events }}

    ),

    histories as (

        -- The order of events: by time, then by id. A silence of more than the gap ends a session whatever else holds.
        select
            project_id,
            session_owner,
            arraySort(groupArray((
                toUnixTimestamp64Milli(occurred_at), event_id, {{ session_keys(split_on) }}
            ))) as history,
            arrayJoin(arraySplit(
                (event, silence) -> silence > {{ gap_ms }}, history, arrayDifference(history.1)
            )) as visit
        from owned
        where has_session
        group by project_id, session_owner

    ),

    sessions as (

        select
            project_id,
            session_owner,
            arrayJoin(arraySplit(
                (event, is_start) -> is_start, visit, {{ session_starts('visit', split_on, longest_ms) }}
            )) as session,
            lower(hex(sipHash128(project_id, session_owner, session[1].1, session[1].2))) as session_id,
            row_number() over (
                partition by project_id, session_owner order by session[1]
            ) as session_number
        from histories

    ),

    placed as (

        select
            project_id,
            session_owner,
            session_id,
            session_number,
            fromUnixTimestamp64Milli(event.1, 'UTC') as occurred_at,
            event.2 as event_id,
            event_number as event_number_in_session
        from sessions
        array join session as event, arrayEnumerate(session) as event_number

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
            and if(owned.has_session, owned.session_owner, '') = placed.session_owner
)
{%- endmacro %}
