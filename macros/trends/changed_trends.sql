{#
    What `trends_daily` shows: `trends` of all events; or, by what changed, its cells that stand and the difference that the touched days
    of persons make (`touched_persons.sql`).
#}
{% macro daily_trends(measures) -%}
    {%- if not execute -%}
        {#- What a run may read has to be told by then; the inputs of a unit test know no other model. -#}
        {%- for name in ['int_event_days', 'int_events_sessionized', 'int_identifier_days', 'int_sessions_aggregated', 'person_ids'] -%}
            {%- do ref(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not counts_changes() -%}
        {{- return(trends('*', measure=measures, breakdown='event', where=var('default_where'))) -}}
    {%- endif -%}
    {%- set call = with_ends_only(common_arguments('trends', {'breakdown': 'event'})) -%}
    {%- set compiled = [] -%}
    {%- for measure in measures -%}
        {%- do compiled.append(trend_measure(call, measure, 'none')) -%}
    {%- endfor -%}
    {{- trend_table(call, measures, compiled, 'day', changed_trend_cells(measures)) -}}
{%- endmacro %}


{# project_id, breakdown, period_start, and value_1 and so on, without cells in which nothing happened. #}
{% macro changed_trend_cells(measures) -%}
    (
        select
            project_id,
            breakdown,
            period_start,
            {%- for measure in measures %}
            accurateCastOrNull(sum({{ measure }}), 'Float64') as value_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                project_id,
                event as breakdown,
                period_start,
                {%- for measure in ['total', 'persons', 'sessions'] %}
                toInt64(sumIf(value, measure_name = '{{ measure }}')) as {{ measure }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ data_of(this) }}
            where closed = 0
            group by project_id, breakdown, period_start
            union all
            select project_id, event, activity_date, sum(change), 0, 0
            from {{ working_table('changed') }}
            group by project_id, event, activity_date
            union all
            {{ trend_differences() | indent(12) }}
        )
        group by project_id, breakdown, period_start
        having sum(total) > 0
    )
{%- endmacro %}


{# How many persons and sessions more there are of each event and day. #}
{% macro trend_differences() -%}
    {%- set looked_at = working_table('looked_at') -%}
    select
        project_id,
        event,
        activity_date,
        0 as total,
        toInt64(uniqExactIf(person_after, stands and person_after != 0))
        - toInt64(uniqExactIf(person_before, stood and person_before != 0)) as persons,
        toInt64(uniqExactIf(session_id, stands and session_id != ''))
        - toInt64(uniqExactIf(session_id, stood and session_id != '')) as sessions
    from (
        select
            project_id,
            event,
            session_id,
            {{ activity_date() }} as activity_date,
            closed = 0 as stands,
            {{ stood_after(build_state().last) }} as stood,
            {{ person_before() }} as person_before,
            {{ person_of_key() }} as person_after
        from {{ data_of(ref('int_events_sessionized')) }}
        prewhere
            identifier_key in (select identifier_key from {{ looked_at }})
            and (identifier_key, {{ activity_date() }}) in (select identifier_key, activity_date from {{ looked_at }})
        where {{ stands_or_stood() }} and {{ is_counted() }}
    )
    group by project_id, event, activity_date
{%- endmacro %}
