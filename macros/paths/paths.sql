{% macro paths(
    start_event=none,
    end_event=none,
    step='event',
    include=none,
    depth=5,
    per='session',
    collapse_repeats=true,
    min_persons=1,
    top=50,
    kept_by=none
) %}
{%- set given = {
    'start_event': start_event, 'end_event': end_event, 'step': step, 'include': include, 'depth': depth, 'per': per,
    'collapse_repeats': collapse_repeats,
} -%}
{%- set call = path_arguments('paths', dict(given, **kwargs)) -%}
{%- do check_integer('paths', 'min_persons', min_persons) -%}
{%- set top = none if top is none else check_integer('paths', 'top', top) -%}
(
with

{% if reads_kept_rows('paths', kept_by, dict(given, **kwargs), path_defaults()) -%}
{{ kept_path_counts(kept_by, min_persons) }}

{%- else -%}
{{ path_counts(call, min_persons) }}

{%- endif %}

largest as (

    select
        project_id,
        breakdown,
        step_number,
        source,
        target,
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


{#- The arguments of `paths` that decide an actor's edges, checked and compiled, added to the common ones. -#}
{%- macro path_arguments(macro, arguments) -%}
    {%- set common = {} -%}
    {%- for name, value in arguments.items() if name not in path_defaults() -%}
        {%- do common.update({name: value}) -%}
    {%- endfor -%}
    {%- set given = dict(path_defaults(), **arguments) -%}
    {%- set call = common_arguments(macro, common) -%}
    {%- set conditions = {} -%}
    {%- set per = given['per'] -%}
    {%- set gap = none if per in ['session', 'person'] else check_path_gap(macro, 'per', per) -%}
    {%- do check_integer(macro, 'depth', given['depth'], least=2) -%}
    {%- do check_flag(macro, 'collapse_repeats', given['collapse_repeats']) -%}
    {%- for argument in ['start_event', 'end_event', 'include'] -%}
        {%- set step = given[argument] -%}
        {%- do conditions.update({argument: none if step is none else step_condition(call, argument, step)}) -%}
    {%- endfor -%}
    {%- set node = "ifNull(toString(" ~ compile_expression(call, 'step', given['step']) ~ "), '')" -%}
    {{- return(dict(
        call, node=node, depth=given['depth'], per=per, gap=gap, collapse=given['collapse_repeats'],
        start_event=conditions.start_event, end_event=conditions.end_event, included=conditions.include
    )) -}}
{%- endmacro -%}


{%- macro path_defaults() -%}
    {{- return({
        'start_event': none, 'end_event': none, 'step': 'event', 'include': none, 'depth': 5, 'per': 'session',
        'collapse_repeats': true,
    }) -}}
{%- endmacro -%}


{%- macro check_path_gap(macro, argument, value) -%}
    {%- if value is not string or not modules.re.fullmatch('\\s*[1-9][0-9]{0,8}\\s+(second|minute|hour|day|week)s?\\s*', value) -%}
        {%- do argument_error(macro, argument, value, "'session', 'person' or a gap such as '30 minutes'") -%}
    {%- endif -%}
    {{- return(check_duration(macro, argument, value)) -}}
{%- endmacro -%}
