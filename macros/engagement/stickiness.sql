{% macro stickiness(period='day', event='*', min_events=1, cumulative=false) %}
{%- set call = common_arguments('stickiness', kwargs) -%}
{%- do check_period('stickiness', 'period', period) -%}
{%- do check_integer('stickiness', 'min_events', min_events) -%}
{%- do check_flag('stickiness', 'cumulative', cumulative) -%}
{%- set step = step_or_any(call, 'event', event) -%}
{%- set of_days = event == '*' and min_events == 1 and is_asked_of_days(call, period) -%}
{%- set call = with_ends_only(call) if of_days else call -%}
{%- set columns = {
    'breakdown': call.breakdown or "''",
    'period': period_start(call, 'occurred_at', period)
} -%}
{%- set rows = event_rows(call, columns=columns, match=step.condition, by_owner=true) -%}
{%- if call.breakdown_limit is not none -%}
    {%- set in_range = event_rows(call, columns=columns, match=step.condition) -%}
    {%- set rows = limit_breakdown(call, rows, actors_per_breakdown(in_range)) -%}
{%- endif -%}
(
with

-- How many {{ period }}s of the range each actor was active in.
activity as (

    {% if of_days -%}
    {{ activity_of_days(call, period) | indent(4) }}
    {%- elif min_events == 1 -%}
    select
        project_id,
        breakdown,
        actor,
        arrayUniq(units) as active_periods
    from {{ actor_groups(call, rows, ['breakdown'], distinct_values('period')) }}
    {%- else -%}
    select
        project_id,
        breakdown,
        actor,
        countIf(events >= {{ min_events }}) as active_periods
    from {{ actor_groups(call, rows, ['breakdown', 'period'], {'events': ['count()', 'sum(owned.events)']}) }}
    group by
        project_id,
        breakdown,
        actor
    {%- endif %}

),

counts as (

    select
        project_id,
        breakdown,
        {% if cumulative -%}
        -- Active in five of them is active in at least four, three, …
        arrayJoin(range(1, active_periods + 1)) as active_periods_reached,
        {%- else -%}
        active_periods as active_periods_reached,
        {%- endif %}
        count() as persons
    from activity
    group by
        project_id,
        breakdown,
        active_periods_reached

),

-- From one {{ period }} to all of the range.
grid as (

    select
        project_id,
        breakdown,
        arrayJoin(range(1, count() + 1)) as active_periods
    from {{ breakdown_grid(call, period_grid(call, period), 'activity') }}
    group by
        project_id,
        breakdown

)

select
    grid.project_id as project_id,
    {{ breakdown_columns(call, 'grid.breakdown') }},
    grid.active_periods as active_periods,
    ifNull(counts.persons, 0) as persons
from grid
left join counts
    on
        grid.project_id = counts.project_id
        and grid.breakdown = counts.breakdown
        and grid.active_periods = counts.active_periods_reached
order by
    project_id,
    breakdown,
    active_periods
)
{% endmacro %}
