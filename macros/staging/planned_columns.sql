{# The typed columns of the tracking plan, one name a line. #}
{% macro planned_columns() -%}
    {%- for plan in var('planned_properties') %}
    {{ plan.column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#
    The member `properties` of an envelope's tuple, with every planned property in its type and nothing else:
    `a.b` becomes a tuple in a tuple. A value that does not fit its type is the type's default, never an error.
#}
{% macro planned_members() -%}
    {%- set tree = {} -%}
    {%- for plan in var('planned_properties') -%}
        {%- set steps = plan.property.split('.') -%}
        {%- set scope = namespace(node=tree) -%}
        {%- for step in steps[:-1] -%}
            {%- set scope.node = scope.node.setdefault(step, {}) -%}
        {%- endfor -%}
        {%- do scope.node.update({steps[-1]: plan.type}) -%}
    {%- endfor -%}
    {{- return('properties ' ~ nested_tuple(tree)) -}}
{%- endmacro %}


{# The typed columns out of that member. The texts `nan` and `inf` read as numbers, and would spoil every sum. #}
{% macro planned_values(properties) -%}
    {%- set values = [] -%}
    {%- for plan in var('planned_properties') -%}
        {%- set value = properties ~ '.`' ~ plan.property | replace('.', '`.`') ~ '`' -%}
        {%- if 'Float' in plan.type -%}
            {%- set missing = 'defaultValueOfTypeName(' ~ string_literal(plan.type) ~ ')' -%}
            {%- set value = 'if(isFinite(' ~ value ~ '), ' ~ value ~ ', ' ~ missing ~ ')' -%}
        {%- endif -%}
        {%- do values.append(value ~ ' as ' ~ plan.column) -%}
    {%- endfor -%}
    {{- values | join(',\n        ') -}}
{%- endmacro %}


{% macro nested_tuple(node) -%}
    {%- set members = [] -%}
    {%- for name, type in node.items() -%}
        {%- do members.append('`' ~ name ~ '` ' ~ (nested_tuple(type) if type is mapping else type)) -%}
    {%- endfor -%}
    {{- return('Tuple(' ~ members | join(', ') ~ ')') -}}
{%- endmacro %}
