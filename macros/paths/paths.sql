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
{%- set call = dict(
    call, start_event=start, end_event=end, included=included, depth=depth, per=per, gap=gap, collapse=collapse_repeats
) -%}
{%- set node = 'ifNull(toString(' ~ node ~ "), '')" -%}
{%- set names = path_names(call, node) -%}
(
with

path_steps as {{ path_rows(call, node, names) }},

{% if call.breakdown_limit is not none -%}
limited_path_steps as {{ limit_breakdown(call, 'path_steps', transitions_per_breakdown(call, 'path_steps')) }},

{% endif -%}
-- An actor's edge is a new one where it is the first of its kind, so nobody's number is kept.
edges as (

    select
        project_id,
        breakdown,
        arrayJoin(arrayZip(edges, arrayMap(nth -> nth = 1, arrayEnumerateUniq(edges.1)))) as edge,
        edge.1.1 as code,
        -- One key of a fixed size is grouped faster than several.
        reinterpretAsUInt128(sipHash128(project_id, breakdown)) + code as key,
        edge.1.2 as milliseconds,
        edge.2 as is_first
    from {{ path_edges(call, 'path_steps' if call.breakdown_limit is none else 'limited_path_steps') }}

),

counted as (

    select
        any(project_id) as project_id,
        any(breakdown) as breakdown,
        any(code) as code,
        count() as transitions,
        countIf(is_first) as persons,
        quantileExactInclusive(0.5)(milliseconds) / 1000 as median_seconds
    from edges
    group by key
    having persons >= {{ min_persons }}

),

largest as (

    select
        project_id,
        breakdown,
        toUInt32(bitShiftRight(code, 58)) as step_number,
        {{ names }}[bitAnd(toUInt64(bitShiftRight(code, 29)), {{ 2 ** 29 - 1 }})] as source,
        {{ names }}[bitAnd(toUInt64(code), {{ 2 ** 29 - 1 }})] as target,
        transitions,
        persons,
        median_seconds
    from counted
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
