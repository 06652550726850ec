{#
    The channel and campaign of a session are those of its first event with a channel; a session without one (a direct one)
    takes those of its owner's last session before it that has one, if that was touched within `var('attribution_lookback')`.

    By the owner (the device, else the user) and not by the person: sessions are the owner's, and a merge of persons must
    not write any.
#}
{% macro touch_columns() -%}
    {{- return(['channel', 'campaign_source', 'campaign_medium', 'campaign_name']) -}}
{%- endmacro %}


{#
    The sessions with an event that came, went or moved: owner_key, session_id, days (when those were), retouched_at (the first of
    them that has a channel; else null).
#}
{% macro regrouped_sessions() -%}
    {%- if is_incremental_build() -%}
        select
            owner_key,
            session_id,
            groupUniqArray({{ day_number('occurred_at') }}) as days,
            minOrNullIf(occurred_at, channel != 'direct') as retouched_at
        from {{ changes_of(ref('int_events_sessionized')) }}
        where session_id != ''
        group by owner_key, session_id
    {%- endif -%}
{%- endmacro %}


{# Those, and the direct ones of their owners after a change of what may have brought the visitor. #}
{% macro sessions_to_build() -%}
    {%- set regrouped = working_table('regrouped') -%}
    with

    retouched as (

        select owner_key, min(retouched_at) as changed_at
        from {{ regrouped }}
        where retouched_at is not null
        group by owner_key

    )

    select owner_key, session_id from {{ regrouped }}
    union all
    select standing.owner_key as owner_key, standing.session_id as session_id
    from (
        select owner_key, session_id, session_start_at
        from {{ data_of(this) }}
        prewhere closed = 0 and is_direct and owner_key in (select retouched.owner_key from retouched)
    ) as standing
    inner join retouched on standing.owner_key = retouched.owner_key
    where
        standing.session_start_at >= retouched.changed_at
        and (standing.owner_key, standing.session_id) not in (select owner_key, session_id from {{ regrouped }})
{%- endmacro %}


{# owner_key, day: where the events of regrouped sessions lie, so that those of other days are not looked at. #}
{% macro days_of_regrouped_sessions() -%}
    {%- if is_incremental_build() -%}
        select distinct owner_key, arrayJoin(days) as day
        from (
            select owner_key, days from {{ working_table('regrouped') }}
            union all
            select
                owner_key,
                range({{ day_number('session_start_at') }}, {{ day_number('session_end_at') }} + 1) as days
            from {{ data_of(this) }}
            prewhere
                closed = 0
                and {{ is_regrouped('owner_key') }}
                and {{ is_regrouped('owner_key, session_id') }}
        )
    {%- endif -%}
{%- endmacro %}


{# Whether a session is to be made of its events again; of the others only what they take from earlier ones can change. #}
{% macro is_regrouped(columns) -%}
    ({{ columns }}) in (select {{ columns }} from {{ working_table('regrouped') }})
{%- endmacro %}


{#
    The sessions that stand beside those that are made again: the direct ones to attribute anew, and what they may take their
    channel from. None where all are made.
#}
{% macro sessions_beside(made) -%}
    {%- if is_incremental_build() -%}
    (
        select
            * except (run, closed, {{ touch_columns() | join(', ') }}, touched_at),
            ({{ touch_columns() | join(', ') }}, ifNull(touched_at, {{ beginning_of_time() }})) as touch,
            false as is_made
        from {{ data_of(this) }}
        prewhere
            closed = 0
            and {{ is_dirty('owner_key') }}
            and not {{ is_regrouped('owner_key, session_id') }}
            and (not is_direct or {{ is_dirty('owner_key, session_id') }})
    )
    {%- else -%}
    (select * except (user_event, person_event, touch_event, touch), touch, false as is_made from {{ made }} where false)
    {%- endif -%}
{%- endmacro %}


{# Whether a session that stood is one that this run has written, or has no events left. #}
{% macro is_made_anew() -%}
    {{ is_dirty('owner_key') }}
    and (owner_key, session_id) in (
        select owner_key, session_id from {{ working_table('regrouped') }}
        union all
        select owner_key, session_id from {{ data_of(this) }} where run = {{ build_state().run }}
    )
{%- endmacro %}


{% macro attribution_lookback() -%}
    {{- return(check_duration('int_sessions_aggregated', "var('attribution_lookback')", var('attribution_lookback'))) -}}
{%- endmacro %}
