{% macro retention(
    target,
    returning,
    period='day',
    periods=none,
    cohort=none,
    kind=none,
    measure=none,
    min_occurrences=none,
    brackets=none,
    dialect=none
) %}
{%- set call = common_arguments('retention', kwargs) -%}
{%- set call = dict(call, **retention_arguments(
    dialect,
    {'periods': periods, 'cohort': cohort, 'kind': kind, 'measure': measure, 'min_occurrences': min_occurrences}
)) -%}
{%- set call = dict(call, period=check_period('retention', 'period', period)) -%}
{%- set call = dict(call, brackets=check_brackets('retention', 'brackets', brackets)) -%}
{%- set offsets = call.periods if call.brackets is none else call.brackets | length + 1 -%}
{%- set of_days = target == '*' and returning == '*' and is_plain_retention(call) and is_asked_of_days(call, call.period) -%}
{%- set call = with_ends_only(call) if of_days else call -%}
{%- set target = step_or_any(call, 'target', target) -%}
{%- set returning = step_or_any(call, 'returning', returning) -%}
{%- set rows = retention_rows(call, target, returning) -%}
{%- if call.breakdown_limit is not none -%}
    {%- set rows = limit_breakdown(call, rows, members_per_breakdown(call, rows)) -%}
{%- endif -%}
(
with

{% if of_days -%}
cohorts as (

    {{ cohorts_of_days(call, offsets) | indent(4) }}

),
{%- else -%}
members as {{ retention_members(call, rows) }},

-- The offsets at which each member is retained. Offset 0 is the cohort itself.
retained as (

    select
        project_id,
        breakdown,
        cohort_start,
        started_at,
        {{ retained_offsets(call, offsets) }} as offsets
    from members

),

cohorts as (

    select
        project_id,
        breakdown,
        cohort_start,
        count() as cohort_size,
        countResampleArray(0, {{ offsets }}, 1)(offsets) as returned_by_offset,
        max(started_at) as last_started_at
    from retained
    group by
        project_id,
        breakdown,
        cohort_start

),
{%- endif %}

{% if call.breakdown is none -%}
-- Every period of the range is a cohort, also one that nobody is in.
all_cohorts as (

    select
        grid.project_id as project_id,
        '' as breakdown,
        grid.period_start as cohort_start,
        ifNull(cohorts.cohort_size, 0) as cohort_size,
        cohorts.returned_by_offset as returned_by_offset,
        cohorts.last_started_at as last_started_at
    from {{ period_grid(call, call.period) }} as grid
    left join cohorts
        on
            grid.project_id = cohorts.project_id
            and grid.period_start = cohorts.cohort_start

),
{%- else -%}
all_cohorts as (

    select * from cohorts

),
{%- endif %}

cells as (

    select
        all_cohorts.project_id as project_id,
        breakdown,
        cohort_start,
        period_number,
        cohort_size,
        if(period_number = 0, cohort_size, arrayElement(returned_by_offset, period_number + 1)) as returned,
        {{ last_periods(call, offsets) }}[period_number + 1] as last_period,
        {{ is_cohort_complete(call) }} as is_complete
    from all_cohorts
    inner join {{ project_ends(call) }} as ends
        on all_cohorts.project_id = ends.project_id
    array join arrayMap(offset -> toUInt16(offset), range({{ offsets }})) as period_number

)

select
    project_id,
    {{ breakdown_columns(call, 'cells.breakdown') }},
    cohort_start,
    toString(cohort_start) as cohort_label,
    period_number,
    cohort_size,
    returned,
    returned / nullIf(cohort_size, 0) as retention,
    is_complete
from cells
order by
    project_id,
    breakdown,
    cohort_start,
    period_number
)
{% endmacro %}
