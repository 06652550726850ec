{#
    The channel and campaign of a session are those of its first event with a channel; a session without one (a direct one)
    takes those of its owner's last session before it that has one, if that was touched within `var('attribution_lookback')`.

    By the owner (the device, else the user) and not by the person: sessions are the owner's, and a merge of persons must
    not write any.
#}
{% macro touch_columns() -%}
    {{- return(['channel', 'campaign_source', 'campaign_medium', 'campaign_name']) -}}
{%- endmacro %}


{# Sessions with an event that came, went or moved, and the direct ones of their owners after them. #}
{% macro sessions_to_build() -%}
    with

    regrouped as (

        select owner_key, session_id, min(occurred_at) as changed_at
        from {{ changes_of(ref('int_events_sessionized')) }}
        where session_id != ''
        group by owner_key, session_id

    )

    select owner_key, session_id, true as is_regrouped from regrouped
    union all
    select standing.owner_key as owner_key, standing.session_id as session_id, false as is_regrouped
    from (
        select owner_key, session_id, session_start_at
        from {{ data_of(this) }}
        where closed = 0 and is_direct and owner_key in (select regrouped.owner_key from regrouped)
    ) as standing
    inner join (
        select owner_key, min(changed_at) as changed_at from regrouped group by owner_key
    ) as changes on standing.owner_key = changes.owner_key
    where
        standing.session_start_at >= changes.changed_at
        and (standing.owner_key, standing.session_id) not in (select owner_key, session_id from regrouped)
{%- endmacro %}


{# Whether a session is to be made of its events again; of the others only what they take from earlier ones can change. #}
{% macro is_regrouped(columns) -%}
    {%- if is_incremental_build() -%}
        ({{ columns }}) in (select {{ columns }} from {{ working_table('dirty') }} where is_regrouped)
    {%- else -%}
        true
    {%- endif -%}
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
        where
            closed = 0
            and owner_key in (select owner_key from {{ working_table('dirty') }})
            and not {{ is_regrouped('owner_key, session_id') }}
            and (not is_direct or {{ is_dirty('owner_key, session_id') }})
    )
    {%- else -%}
    (select * except (user_event, person_event, touch_event, touch), touch, false as is_made from {{ made }} where false)
    {%- endif -%}
{%- endmacro %}


{# What stood of the sessions that this run has written. #}
{% macro sessions_to_close() -%}
    select project_id, owner_key, session_start_at, session_id
    from {{ data_of(this) }}
    where
        closed = 0
        and run < {{ build_state().run }}
        and {{ is_dirty('owner_key') }}
        and (owner_key, session_id) in (
            select owner_key, session_id from {{ working_table('dirty') }} where is_regrouped
            union all
            select owner_key, session_id from {{ data_of(this) }} where run = {{ build_state().run }}
        )
{%- endmacro %}


{% macro attribution_lookback() -%}
    {{- return(check_duration('int_sessions_aggregated', "var('attribution_lookback')", var('attribution_lookback'))) -}}
{%- endmacro %}
