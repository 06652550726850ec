{#
    How `int_events_sessionized` goes on from what stands. New events, and those that a better copy takes the place of,
    can change only the visits (events without a silence of more than the gap) that they lie in or beside: these are cut
    into sessions again, from a few narrow columns. Rows are written anew only where their session is another one.
#}
{% macro event_row_key() -%}
    project_id, identifier_key, occurred_at, event_id, client_timestamp
{%- endmacro %}


{% macro new_events() -%}
    {%- set is_new = new_judged_records() -%}
    (
        select *
        from {{ ref('stg_raw__events') }}
        where
            {{ is_new }}
            and ({{ record_coordinates() }}) not in (
                select {{ record_coordinates() }}
                from {{ ref('stg_raw__event_copies') }}
                where {{ is_new }}
            )
    )
{%- endmacro %}


{# The records that this model has not read yet and whose copies are known. #}
{% macro new_judged_records() -%}
    {{- new_records('events', read_by=[ref('stg_raw__event_copies'), ref('stg_raw__event_times')]) -}}
{%- endmacro %}


{% macro arrived_events() -%}
    {%- if is_incremental_build() -%}
        select
            {{ event_row_key() }},
            owner_key as session_owner,
            {{ has_session('owner_key') }} as has_session,
            user_id
        from {{ new_events() }}
    {%- endif -%}
{%- endmacro %}


{#
    The stored events that a better copy takes the place of: copies since, of records that were read before. All that must be known of
    them the copies know, so no event is looked for.
#}
{% macro lost_events() -%}
    {%- if is_incremental_build() -%}
        select {{ event_row_key() }}, session_owner
        from {{ changes_of(ref('stg_raw__event_copies')) }}
        where change = 1 and not {{ new_judged_records() }}
    {%- endif -%}
{%- endmacro %}


{#
    session_owner, visit_from, visit_to: the visits to cut again, as they are with the new events, where there are stored ones. A lost
    one still counts: what lies between two silences is whole, with it or without.

    No silence within a session ends a visit, so the start and the end of each are enough of what is stored. `points` holds
    (milliseconds, side) in order: a start is -1, an end 1, a single time 0.
#}
{% macro touched_visits() -%}
    {%- set gap_ms = check_duration('touched_visits', "var('session_gap')", var('session_gap')) -%}
    {%- if is_incremental_build() -%}
        with

        dirty_times as (

            select session_owner, toUnixTimestamp64Milli(occurred_at) as time_ms
            from {{ working_table('arrived') }}
            where has_session
            union all
            select session_owner, toUnixTimestamp64Milli(occurred_at)
            from {{ working_table('lost') }}
            where session_owner != 0

        ),

        times as (

            select session_owner, (time_ms, 0) as point, true as is_dirty
            from dirty_times
            union all
            {{ stored_points('select session_owner from dirty_times') | indent(12) }}

        ),

        owners as (

            select
                session_owner,
                arraySort(groupArray((point.1, point.2, is_dirty))) as points,
                arraySort(groupArrayIf(point.1, is_dirty)) as dirty_ms,
                arrayCumSum(point -> -point.2, points) as open_sessions
            from times
            group by session_owner

        ),

        visits as (

            select
                session_owner,
                dirty_ms,
                arrayJoin(arraySplit(
                    (point, silence, open_before) -> open_before = 0 and silence > {{ gap_ms }},
                    points,
                    arrayDifference(points.1),
                    arrayPushFront(arrayPopBack(open_sessions), 0)
                )) as visit
            from owners

        )

        select
            session_owner,
            fromUnixTimestamp64Milli(visit[1].1, 'UTC') as visit_from,
            fromUnixTimestamp64Milli(visit[-1].1, 'UTC') as visit_to
        from visits
        where
            arrayExists(point -> not point.3, visit)
            -- Both arrays are sorted: the first dirty time that is not before the visit decides.
            and arrayFirstOrNull(time_ms -> time_ms >= visit[1].1 - {{ gap_ms }}, dirty_ms) <= visit[-1].1 + {{ gap_ms }}
    {%- endif -%}
{%- endmacro %}


{#
    session_owner, point, is_dirty: where stored sessions of some owners start and end. Where the events were built and the
    sessions were not, these are not the sessions of the events: their times then.
#}
{% macro stored_points(owners) -%}
    {%- set sessions = earlier_state_of('int_sessions_aggregated', 'marts') -%}
    {%- set state = build_state() -%}
    {%- if state.is_building and committed_run_of(sessions, state.run) >= state.last -%}
        select
            owner_key as session_owner,
            arrayJoin([
                (toUnixTimestamp64Milli(session_start_at), -1), (toUnixTimestamp64Milli(session_end_at), 1)
            ]) as point,
            false as is_dirty
        from {{ data_of(sessions) }}
        where closed = 0 and owner_key in ({{ owners }})
    {%- else -%}
        select
            owner_key as session_owner,
            (toUnixTimestamp64Milli(occurred_at), 0) as point,
            false as is_dirty
        from {{ data_of(this) }}
        where closed = 0 and owner_key in ({{ owners }}) and session_id != ''
    {%- endif -%}
{%- endmacro %}


{% macro touched_events() -%}
    {%- if is_incremental_build() -%}
        select
            {{ event_row_key() }},
            standing.session_owner as session_owner,
            true as has_session,
            user_id,
            session_id
        from (
            select {{ event_row_key() }}, owner_key as session_owner, user_id, session_id
            from {{ data_of(this) }}
            -- Wide columns are read of the days of the visits only.
            prewhere
                closed = 0
                and owner_key in (select session_owner from {{ working_table('visits') }})
                and (owner_key, {{ day_number('occurred_at') }}) in (
                    select
                        session_owner,
                        arrayJoin(range({{ day_number('visit_from') }}, {{ day_number('visit_to') }} + 1))
                    from {{ working_table('visits') }}
                )
            where
                session_id != ''
                and ({{ event_row_key() }}) not in (select {{ event_row_key() }} from {{ working_table('lost') }})
        ) as standing
        asof inner join {{ working_table('visits') }} as visits
            on
                standing.session_owner = visits.session_owner
                and standing.occurred_at >= visits.visit_from
        where standing.occurred_at <= visits.visit_to
    {%- endif -%}
{%- endmacro %}


{% macro placed_events() -%}
    {%- set gap_ms = check_duration('placed_events', "var('session_gap')", var('session_gap')) -%}
    {%- if is_incremental_build() -%}
        with

        rows as (

            select project_id, occurred_at, event_id, session_owner, has_session, user_id from {{ working_table('arrived') }}
            union all
            select project_id, occurred_at, event_id, session_owner, has_session, user_id from {{ working_table('touched') }}

        )

        select project_id, session_owner, occurred_at, event_id, session_id
        from (
            {{ placements('rows', gap_ms) }}
        )
    {%- endif -%}
{%- endmacro %}


{% macro moved_events() -%}
    {%- if is_incremental_build() -%}
        select
            {{ event_row_key() }},
            placed.session_id as session_id
        from {{ working_table('touched') }} as touched
        -- Not inner: that takes one row of each key on both sides, and two events may have one id and one time.
        any left join {{ working_table('placed') }} as placed
            on
                touched.project_id = placed.project_id
                and touched.session_owner = placed.session_owner
                and touched.occurred_at = placed.occurred_at
                and touched.event_id = placed.event_id
        where touched.session_id != placed.session_id
    {%- endif -%}
{%- endmacro %}


{# Whether a better copy came of an event, or it is in another session now. #}
{% macro is_lost_or_moved() -%}
    ({{ event_row_key() }}) in (
        select {{ event_row_key() }} from {{ working_table('lost') }}
        union all
        select {{ event_row_key() }} from {{ working_table('moved') }}
    )
{%- endmacro %}


{# The new events with their sessions. #}
{% macro new_events_with_sessions() -%}
    {%- if is_incremental_build() -%}
    (
        select
            events.*,
            placed.session_id as session_id
        from {{ new_events() }} as events
        any left join {{ working_table('placed') }} as placed
            on
                events.project_id = placed.project_id
                and events.owner_key = placed.session_owner
                and events.occurred_at = placed.occurred_at
                and events.event_id = placed.event_id
    )
    {%- else -%}
    {{ all_events_with_sessions() }}
    {%- endif -%}
{%- endmacro %}


{# The events that stood, with the session that they are in now. #}
{% macro moved_rows() -%}
    (
        select standing.* replace (moved.session_id as session_id)
        from (
            select * except (run, closed)
            from {{ data_of(this) }}
            where
                closed = 0
                and ({{ event_row_key() }}) in (select {{ event_row_key() }} from {{ working_table('moved') }})
        ) as standing
        any inner join {{ working_table('moved') }} as moved using ({{ event_row_key() }})
    )
{%- endmacro %}
