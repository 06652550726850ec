{# What JSON calls a type that ClickHouse found in a JSON column: text, number, boolean or array. #}
{% macro json_type(type) -%}
    multiIf(
        {{ type }} = 'String', 'text',
        {{ type }} = 'Bool', 'boolean',
        match({{ type }}, '^U?Int|^Float'), 'number',
        startsWith({{ type }}, 'Array'), 'array',
        'other'
    )
{%- endmacro %}


{# The JSON type that a planned column is made for. #}
{% macro planned_json_type(type) -%}
    multiIf(
        {{ type }} = '', '',
        {{ type }} like '%Bool%', 'boolean',
        {{ type }} like 'Array%', 'array',
        match({{ type }}, 'Int|Float|Decimal'), 'number',
        'text'
    )
{%- endmacro %}
