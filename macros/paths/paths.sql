{% macro paths(
    start_event=none,
    end_event=none,
    step='event',
    include=none,
    depth=5,
    per='session',
    collapse_repeats=true,
    min_persons=1,
    top=50
) %}
{%- set call = common_arguments('paths', kwargs) -%}
{%- set gap = none if per in ['session', 'person'] else check_path_gap('paths', 'per', per) -%}
{%- do check_integer('paths', 'depth', depth, least=2) -%}
{%- do check_integer('paths', 'min_persons', min_persons) -%}
{%- do check_flag('paths', 'collapse_repeats', collapse_repeats) -%}
{%- set top = none if top is none else check_integer('paths', 'top', top) -%}
{%- set start = none if start_event is none else step_condition(call, 'start_event', start_event) -%}
{%- set end = none if end_event is none else step_condition(call, 'end_event', end_event) -%}
{%- set included = none if include is none else step_condition(call, 'include', include) -%}
{%- set node = compile_expression(call, 'step', step) -%}
{%- set flags = [] -%}
{%- for flag, asked in [('is_start', start), ('is_end', end), ('is_shown', included)] if asked is not none -%}
    {%- do flags.append(flag) -%}
{%- endfor -%}
{%- set call = dict(
    call, start_event=start, end_event=end, depth=depth, per=per, gap=gap, collapse=collapse_repeats, flags=flags
) -%}
{%- set node = 'ifNull(toString(' ~ node ~ "), '')" -%}
{%- set rows = path_rows(call, node, included) -%}
{%- if call.breakdown_limit is not none -%}
    {%- set rows = limit_breakdown(call, rows, transitions_per_breakdown(call, rows)) -%}
{%- endif -%}
(
with

edges as {{ path_edges(call, rows) }},

counted as (

    select
        stream,
        step_number,
        source,
        target,
        count() as transitions,
        uniqExact(person) as persons,
        quantileExactInclusive(0.5)(milliseconds) / 1000 as median_seconds
    from edges
    group by
        stream,
        step_number,
        source,
        target
    having persons >= {{ min_persons }}

),

streams as {{ path_streams(call, rows) }},

names as {{ path_names(call, node) }},

largest as (

    select
        streams.project_id as project_id,
        streams.breakdown as breakdown,
        counted.* except (stream, source, target),
        sources.name as source,
        targets.name as target
    from counted
    inner join streams on counted.stream = streams.stream
    inner join names as sources on counted.source = sources.node
    inner join names as targets on counted.target = targets.node
    {%- if top is not none %}
    order by
        transitions desc,
        source asc,
        target asc,
        step_number asc
    limit {{ top }} by
        project_id,
        breakdown
    {%- endif %}

)

select
    project_id,
    {{ breakdown_columns(call, 'largest.breakdown') }},
    step_number,
    source,
    target,
    transitions,
    persons,
    median_seconds,
    -- A page seen twice is two nodes, so that a Sankey has no circle.
    toString(step_number) || ' ' || source as source_node,
    toString(step_number + 1) || ' ' || target as target_node
from largest
order by
    project_id,
    breakdown,
    step_number,
    transitions desc,
    source,
    target
)
{% endmacro %}


{%- macro check_path_gap(macro, argument, value) -%}
    {%- if value is not string or not modules.re.fullmatch('\\s*[1-9][0-9]{0,8}\\s+(second|minute|hour|day|week)s?\\s*', value) -%}
        {%- do argument_error(macro, argument, value, "'session', 'person' or a gap such as '30 minutes'") -%}
    {%- endif -%}
    {{- return(check_duration(macro, argument, value)) -}}
{%- endmacro -%}
