{% macro trends(event, measure='total', period='day') %}
{%- set call = common_arguments('trends', kwargs) -%}
{%- do check_period('trends', 'period', period) -%}
{%- set step = step_or_any(call, 'event', event) -%}
{%- set measures = [] -%}
{%- for one in (check_texts('trends', 'measure', measure) if is_list(measure) else [measure]) -%}
    {%- do measures.append(trend_measure(call, one, 'number_' ~ loop.index)) -%}
{%- endfor -%}
{%- set columns = {
    'breakdown': call.breakdown or "''",
    'period': period_start(call, 'occurred_at', period),
} -%}
{%- for one in measures -%}
    {%- do columns.update(one.columns) -%}
{%- endfor -%}
{#- Nobody's events count in totals; whoever counts persons leaves them out. -#}
{%- set rows = event_rows(call, columns=columns, match=step.condition, nobody=true) -%}
{%- if call.breakdown_limit is not none -%}
    {%- set rows = limit_breakdown(call, rows, trend_sizes(rows, measures[0])) -%}
{%- endif -%}
{%- set cells -%}
    (
        select
            project_id,
            breakdown,
            period as period_start,
            {%- for one in measures %}
            {{ one.sql }} as value_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ rows }}
        group by
            project_id,
            breakdown,
            period_start
    )
{%- endset -%}
{#- A range with both ends has its periods whether there are events in it or not. -#}
{%- set is_closed = call.start is not none and call.end is not none -%}
{%- set of_all_events = step.is_any and call.where is none and not is_closed -%}
{{ trend_table(call, measure, measures, period, cells, of_all_events) }}
{% endmacro %}


{#-
    The result of `trends` from its cells (project_id, breakdown, period_start, value_1 and so on, none where nothing happened), as a
    bracketed subquery. `of_all_events` says that each event of the range is in a cell: which periods there are is told by them then, and
    the events are not asked again.
-#}
{%- macro trend_table(call, measure, measures, period, cells, of_all_events=false) -%}
(
with

trend as (

    select * from {{ cells }}

),

{% if call.breakdown is not none or of_all_events -%}
cells_of_values as (

    select
        project_id,
        breakdown,
        groupArray((period_start{% for one in measures %}, value_{{ loop.index }}{% endfor %})) as cells,
        min(period_start) as first_period,
        max(period_start) as last_period
    from trend
    group by
        project_id,
        breakdown

),

-- All periods of each value, by one look at the events: its cells and empty ones side by side.
filled as (

    select
        project_id,
        breakdown,
        cell.1 as period_start,
        {%- for one in measures %}
        max(cell.{{ loop.index + 1 }}) as value_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            project_id,
            breakdown,
            arrayJoin(arrayConcat(
                cells,
                arrayMap(start -> (start{{ ', null::Nullable(Float64)' * (measures | length) }}), periods)
            )) as cell
        from {{ periods_of_cells(call, period) if of_all_events else periods_of_grid(call, period) }}
    )
    group by
        project_id,
        breakdown,
        period_start

)
{%- else -%}
filled as (

    select
        grid.project_id as project_id,
        '' as breakdown,
        grid.period_start as period_start,
        trend.* except (project_id, breakdown, period_start)
    from {{ period_grid(call, period) }} as grid
    left join trend
        on
            grid.project_id = trend.project_id
            and grid.period_start = trend.period_start

)
{%- endif %}

{% if is_list(measure) -%}
select * except (nth, values)
from (
{%- endif %}
select
    project_id,
    period_start,
    {{ breakdown_columns(call, 'filled.breakdown') }},
    {%- set values = [] %}
    {%- for one in measures %}
        {%- set value = 'filled.value_' ~ loop.index %}
        {#- A period without events counts and sums to 0, and has no average. #}
        {%- do values.append('ifNull(' ~ value ~ ', 0)' if one.is_zero_when_missing else value) %}
    {%- endfor %}
    {%- if is_list(measure) %}
    arrayJoin(arrayEnumerate(values)) as nth,
    [{{ string_literals(measure) }}][nth] as measure,
    array({{ values | join(', ') }}) as values,
    values[nth] as value
    {%- else %}
    {{ values | first }} as value
    {%- endif %}
from filled
{%- if is_list(measure) %}
)
{%- endif %}
order by
    project_id,
    period_start,
    breakdown
)
{% endmacro %}


{#- The cells of each value, with the periods that its project has by its own cells: project_id, breakdown, cells, periods. -#}
{%- macro periods_of_cells(call, period) -%}
    (
        select
            project_id,
            value.1 as breakdown,
            value.2 as cells,
            {{ periods_from_to(call, 'since', 'until', period) }} as periods
        from (
            select
                project_id,
                groupArray((breakdown, cells)) as values,
                {{ period_start(call, call.start, period) if call.start is not none else 'min(first_period)' }} as since,
                {{ period_start(call, last_instant_of(call), period) if call.end is not none else 'max(last_period)' }} as until
            from cells_of_values
            group by project_id
        )
        array join values as value
    )
{%- endmacro -%}


{#- The same with the periods of the range. -#}
{%- macro periods_of_grid(call, period) -%}
    (
        select
            cells_of_values.project_id as project_id,
            cells_of_values.breakdown as breakdown,
            cells_of_values.cells as cells,
            grid.periods as periods
        from cells_of_values
        inner join (
            select
                project_id,
                groupArray(period_start) as periods
            from {{ period_grid(call, period) }}
            group by project_id
        ) as grid on cells_of_values.project_id = grid.project_id
    )
{%- endmacro -%}


{#-
    `measure` as {'sql': an aggregate (Nullable(Float64)) of rows, 'columns': those of the rows that it reads, compiled, 'is_zero_when_missing'}.
    A number that is measured is named `column`. Whose an event is, a number where it can be one, is looked up for those measures only that
    count persons.
-#}
{%- macro trend_measure(call, measure, column) -%}
    {%- set person = {'person': owner_person(call) if call.by_identifier else call.actor} -%}
    {%- set is_somebody = 'person != 0' if call.by_identifier else "person != ''" -%}
    {%- set counts = {
        'total': ['count()', {}],
        'persons': ['uniqExactIf(person, ' ~ is_somebody ~ ')', person],
        'sessions': ["uniqExactIf(session_id, session_id != '')", {'session_id': 'session_id'}],
        'per_person': ['countIf(' ~ is_somebody ~ ') / nullIf(uniqExactIf(person, ' ~ is_somebody ~ '), 0)', person],
    } -%}
    {%- set numbers = {
        'sum': 'sum',
        'avg': 'avg',
        'min': 'min',
        'max': 'max',
        'median': 'quantileExactInclusive(0.5)',
        'p90': 'quantileExactInclusive(0.9)',
        'p95': 'quantileExactInclusive(0.95)',
        'p99': 'quantileExactInclusive(0.99)',
    } -%}
    {%- set parts = modules.re.fullmatch('(?s)\\s*(\\w+)\\s*(?:\\((.*)\\))?\\s*', measure ~ '') -%}
    {%- set name, argument = (parts.group(1), parts.group(2)) if parts else ('', none) -%}
    {%- if name in counts and argument is none -%}
        {%- set sql, columns = counts[name] -%}
    {%- elif name in numbers and argument is not none and argument.strip() -%}
        {%- set compiled = compile_expression(call, 'measure', argument) -%}
        {%- set sql, columns = numbers[name] ~ '(' ~ column ~ ')', {column: number_of_text('ifNull(toString(' ~ compiled ~ "), '')")} -%}
    {%- else -%}
        {%- do argument_error('trends', 'measure', measure, counts | join(', ') ~ ', or one of ' ~ numbers | join(', ')
            ~ " of an expression, such as 'sum(number(properties.value))'") -%}
    {%- endif -%}
    {{- return({
        'sql': "accurateCastOrNull(" ~ sql ~ ", 'Float64')",
        'columns': columns,
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
