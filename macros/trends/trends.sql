{% macro trends(event, measure='total', period='day') %}
{%- set call = common_arguments('trends', kwargs) -%}
{%- do check_period('trends', 'period', period) -%}
{%- set step = step_or_any(call, 'event', event) -%}
{%- set measured = trend_measure(call, measure) -%}
{%- set columns = {
    'breakdown': call.breakdown or "''",
    'period': period_start(call, 'occurred_at', period),
    'session_id': 'session_id',
    'number': measured.number
} -%}
{#- Nobody's events count in totals; whoever counts persons leaves them out. -#}
{%- set rows = event_rows(call, columns=columns, match=step.condition, nobody=true) -%}
{%- if call.breakdown_limit is not none -%}
    {%- set rows = limit_breakdown(call, rows, trend_sizes(rows, measured)) -%}
{%- endif -%}
(
with

trend as (

    select
        project_id,
        breakdown,
        period as period_start,
        {{ measured.sql }} as value
    from {{ rows }}
    group by
        project_id,
        breakdown,
        period_start

),

grid as (

    select * from {{ breakdown_grid(call, period_grid(call, period), 'trend') }}

)

select
    grid.project_id as project_id,
    grid.period_start as period_start,
    {{ breakdown_columns(call, 'grid.breakdown') }},
    -- A period without events counts and sums to 0, and has no average.
    {{ 'ifNull(trend.value, 0)' if measured.is_zero_when_missing else 'trend.value' }} as value
from grid
left join trend
    on
        grid.project_id = trend.project_id
        and grid.breakdown = trend.breakdown
        and grid.period_start = trend.period_start
order by
    project_id,
    period_start,
    breakdown
)
{% endmacro %}


{#-
    `measure` as {'sql': an aggregate (Nullable(Float64)) of rows with actor, session_id and number, 'number': what is
    measured, compiled, 'is_zero_when_missing'}.
-#}
{%- macro trend_measure(call, measure) -%}
    {%- set counts = {
        'total': 'count()',
        'persons': "uniqExactIf(actor, actor != '')",
        'sessions': "uniqExactIf(session_id, session_id != '')",
        'per_person': "countIf(actor != '') / nullIf(uniqExactIf(actor, actor != ''), 0)",
    } -%}
    {%- set numbers = {
        'sum': 'sum(number)',
        'avg': 'avg(number)',
        'min': 'min(number)',
        'max': 'max(number)',
        'median': 'quantileExactInclusive(0.5)(number)',
        'p90': 'quantileExactInclusive(0.9)(number)',
        'p95': 'quantileExactInclusive(0.95)(number)',
        'p99': 'quantileExactInclusive(0.99)(number)',
    } -%}
    {%- set parts = modules.re.fullmatch('(?s)\\s*(\\w+)\\s*(?:\\((.*)\\))?\\s*', measure ~ '') -%}
    {%- set name, argument = (parts.group(1), parts.group(2)) if parts else ('', none) -%}
    {%- if name in counts and argument is none -%}
        {%- set sql, number = counts[name], 'null' -%}
    {%- elif name in numbers and argument is not none and argument.strip() -%}
        {%- set compiled = compile_expression(call, 'measure', argument) -%}
        {%- set sql, number = numbers[name], number_of_text('ifNull(toString(' ~ compiled ~ "), '')") -%}
    {%- else -%}
        {%- do argument_error('trends', 'measure', measure, counts | join(', ') ~ ', or one of ' ~ numbers | join(', ')
            ~ " of an expression, such as 'sum(number(properties.value))'") -%}
    {%- endif -%}
    {{- return({
        'sql': "accurateCastOrNull(" ~ sql ~ ", 'Float64')",
        'number': number,
        'is_zero_when_missing': name in ['total', 'persons', 'sessions', 'sum'],
    }) -}}
{%- endmacro -%}


{#- The measure of each breakdown value over the whole range, as `limit_breakdown` wants it. -#}
{%- macro trend_sizes(rows, measured) -%}
    (
        select
            project_id,
            breakdown,
            ifNull({{ measured.sql }}, -inf) as size
        from {{ rows }}
        group by
            project_id,
            breakdown
    )
{%- endmacro -%}
