{#
    Answers from the counts that each run keeps of persons by pairs of days (`day_counts.sql`): what is asked of `int_active_days` where
    `is_counted`, by days or longer periods, takes milliseconds, whatever the period and the windows.
#}


{# Whether a call can be answered so. #}
{% macro is_asked_of_days(call, period) -%}
    {%- if not execute -%}
        {#- What a query may read has to be told by then; the inputs of a unit test know no other model. -#}
        {%- for name in ['int_day_gaps', 'int_day_returns', 'int_event_days', 'int_person_days'] -%}
            {%- do ref(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(
        call.by_identifier
        and is_relation(call.events, 'int_active_days')
        and call.where == compile_condition(call, 'where', 'is_counted')
        and call.breakdown is none
        and call.start is none and call.end is none
        and call.timezone == var('timezone', 'UTC')
        and call.week_start == var('week_start', 'monday')
        and period not in ['minute', 'hour']
    ) -}}
{%- endmacro %}


{# The call with a relation that tells where the data of each project begins and ends, and no more. #}
{% macro with_ends_only(call) -%}
    {{- return(dict(
        call, events='(select project_id, arrayJoin([first_seen_at, last_seen_at]) as occurred_at from ' ~ ref('int_event_days') ~ ')'
    )) -}}
{%- endmacro %}


{# The moves of `active_users`: project_id, breakdown, unit, active_<window>d. #}
{% macro moves_of_days(call, windows) -%}
    select
        project_id,
        '' as breakdown,
        move.1 as unit,
        {%- for window in windows %}
        sumIf(move.2, window_days = {{ window }}) as active_{{ window }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            project_id,
            window_days,
            arrayJoin(arrayConcat(
                if(kind = 'last', [], [(toInt64(toRelativeDayNum(day)), toInt64(persons))]),
                if(kind = 'first', [], [(toInt64(toRelativeDayNum(previous_day)) + window_days, -toInt64(persons))])
            )) as move
        from {{ ref('int_day_gaps') }}
        array join [{{ windows | join(', ') }}] as window_days
        where (kind != 'return' or day - previous_day > window_days) and {{ project_condition(call) }}
    )
    group by project_id, unit
{%- endmacro %}


{# The statuses of `lifecycle`: project_id, breakdown, period_start, status, persons. #}
{% macro statuses_of_days(call, period) -%}
    {%- set next_period = add_periods('previous_period', 1, period) -%}
    select
        project_id,
        '' as breakdown,
        being.1 as period_start,
        being.2 as status,
        sum(gap_persons) as persons
    from (
        select
            project_id,
            persons as gap_persons,
            {{ period_of_date(call, 'previous_day', period) }} as previous_period,
            {{ period_of_date(call, 'day', period) }} as period,
            arrayJoin(arrayConcat(
                multiIf(
                    kind = 'first', [(period, 'new')],
                    kind = 'last', [],
                    [(period, if(period = {{ next_period }}, 'returning', 'resurrecting'))]
                ),
                if(kind = 'first' or kind = 'return' and period = {{ next_period }}, [], [({{ next_period }}, 'dormant')])
            )) as being
        from {{ ref('int_day_gaps') }}
        where (kind != 'return' or period != previous_period) and {{ project_condition(call) }}
    )
    group by project_id, period_start, status
{%- endmacro %}


{# The cohorts of `retention`: project_id, breakdown, cohort_start, cohort_size, returned_by_offset, last_started_at. #}
{% macro cohorts_of_days(call, offsets) -%}
    {%- set offset = periods_between('cohort_start', period_of_date(call, 'day', call.period), call.period) -%}
    select
        project_id,
        '' as breakdown,
        {{ period_of_date(call, 'first_day', call.period) }} as cohort_start,
        sumIf(persons, day = first_day) as cohort_size,
        sumResample(0, {{ offsets }}, 1)(persons, {{ offset }}) as returned_by_offset,
        max(first_day) as last_started_at
    from {{ ref('int_day_returns') }}
    where {{ 'true' if call.period == 'day' else 'begins_' ~ call.period }} and {{ project_condition(call) }}
    group by project_id, cohort_start
{%- endmacro %}


{# The activity of `stickiness`: project_id, breakdown, actor, active_periods. #}
{% macro activity_of_days(call, period) -%}
    select
        project_id,
        '' as breakdown,
        person_id as actor,
        arrayUniq(arrayMap(day -> {{ period_of_date(call, 'day', period) }}, active_dates)) as active_periods
    from {{ ref('int_person_days') }}
    where {{ project_condition(call) }}
{%- endmacro %}
