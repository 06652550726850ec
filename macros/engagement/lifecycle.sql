{% macro lifecycle(period='day', event='*') %}
{%- set call = common_arguments('lifecycle', kwargs) -%}
{%- do check_period('lifecycle', 'period', period) -%}
{%- set step = step_or_any(call, 'event', event) -%}
{%- set of_days = event == '*' and is_asked_of_days(call, period) -%}
{%- set call = with_ends_only(call) if of_days else call -%}
{%- set columns = {
    'breakdown': call.breakdown or "''",
    'period': period_start(call, 'occurred_at', period)
} -%}
{#- What lies before the range is history: it tells the new from those who come back. -#}
{%- set rows = event_rows(call, columns=columns, match=step.condition, from_start=false, by_owner=true) -%}
{%- if call.breakdown_limit is not none -%}
    {%- set in_range = event_rows(call, columns=columns, match=step.condition) -%}
    {%- set rows = limit_breakdown(call, rows, actors_per_breakdown(in_range)) -%}
{%- endif -%}
(
with

{% if of_days -%}
statuses as (

    {{ statuses_of_days(call, period) | indent(4) }}

),
{%- else -%}
-- The {{ period }}s in which each actor was active, in order, and for each the one before it and the one after it.
activity as (

    select
        project_id,
        breakdown,
        arraySort(arrayDistinct(units)) as periods,
        arrayPushFront(arrayPopBack(periods), null) as previous,
        arrayPushBack(arrayPopFront(periods), null) as following
    from {{ actor_groups(call, rows, ['breakdown'], distinct_values('period')) }}

),

-- An actor has a status in each {{ period }} of activity, and in the first one without it.
statuses as (

    select
        project_id,
        breakdown,
        being.1 as period_start,
        being.2 as status,
        count() as persons
    from (
        select
            project_id,
            breakdown,
            arrayJoin(
                arrayConcat(
                    arrayMap(
                        (now, before) -> (
                            now,
                            multiIf(
                                isNull(before), 'new',
                                {{ add_periods('assumeNotNull(before)', 1, period) }} = now, 'returning',
                                'resurrecting'
                            )
                        ),
                        periods,
                        previous
                    ),
                    arrayMap(
                        now -> ({{ add_periods('now', 1, period) }}, 'dormant'),
                        arrayFilter(
                            (now, after) -> isNull(after) or after != {{ add_periods('now', 1, period) }},
                            periods,
                            following
                        )
                    )
                )
            ) as being
        from activity
    )
    group by
        project_id,
        breakdown,
        period_start,
        status

),
{%- endif %}

grid as (

    select
        project_id,
        breakdown,
        period_start,
        arrayJoin(['new', 'returning', 'resurrecting', 'dormant']) as status
    from {{ breakdown_grid(call, period_grid(call, period), 'activity') }}

)

select
    grid.project_id as project_id,
    grid.period_start as period_start,
    {{ breakdown_columns(call, 'grid.breakdown') }},
    grid.status as status,
    ifNull(statuses.persons, 0) as persons
from grid
left join statuses
    on
        grid.project_id = statuses.project_id
        and grid.breakdown = statuses.breakdown
        and grid.period_start = statuses.period_start
        and grid.status = statuses.status
order by
    project_id,
    period_start,
    breakdown,
    indexOf(['new', 'returning', 'resurrecting', 'dormant'], status)
)
{% endmacro %}
