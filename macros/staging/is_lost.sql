{# Whether a property has a value that its planned column should have, and has not. #}
{% macro is_lost(plan, properties) -%}
    {%- set steps = plan.property.split('.') -%}
    {%- set is_missed = misses_value(plan, json_path(properties, steps)) -%}
    {{- return(lies_in_objects(properties, steps) ~ ' and ' ~ is_missed if steps | length > 1 else is_missed) -}}
{%- endmacro %}


{% macro misses_value(plan, value) -%}
    {%- set text, integer, number = value ~ '.:String', value ~ '.:Int64', value ~ '.:Float64' -%}
    {%- if 'Array' in plan.type -%}
        {{- return('notEmpty(' ~ value ~ '.:`Array(Nullable(String))`) and empty(' ~ plan.column ~ ')') -}}
    {%- elif 'String' in plan.type -%}
        {{- return('ifNull(' ~ text ~ ", '') != '' and " ~ plan.column ~ " = ''") -}}
    {%- elif plan.type == 'Bool' -%}
        {{- return('ifNull(' ~ value ~ '.:Bool, false) and not ' ~ plan.column) -}}
    {%- elif 'Bool' in plan.type -%}
        {{- return('isNotNull(' ~ value ~ '.:Bool) and isNull(' ~ plan.column ~ ')') -}}
    {%- elif 'Date' in plan.type -%}
        {{- return('isNotNull(' ~ planned_value(text, plan.type) ~ ') and isNull(' ~ plan.column ~ ')') -}}
    {%- elif 'Float' in plan.type -%}
        {{- return('(isNotNull(' ~ integer ~ ') or isNotNull(' ~ number ~ ')) and isNull(' ~ plan.column ~ ')') -}}
    {%- endif -%}
    {#- Both a Decimal(18, 4) and a UInt64 hold these. -#}
    {{- return('ifNull(' ~ integer ~ ' between 0 and 10000000000000, false) and isNull(' ~ plan.column ~ ')') -}}
{%- endmacro %}
