{# What JSON calls a type that ClickHouse found in a JSON column: text, number, boolean or array; an object where `planned_objects` found one. #}
{% macro json_type(type) -%}
    multiIf(
        {{ type }} = 'String', 'text',
        {{ type }} = 'Bool', 'boolean',
        match({{ type }}, '^U?Int|^Float'), 'number',
        startsWith({{ type }}, 'Array'), 'array',
        {{ type }} = 'Object', 'object',
        'other'
    )
{%- endmacro %}


{# The JSON types that a planned column is made for: a time is sent as a text, or as epoch milliseconds. #}
{% macro planned_json_types(type) -%}
    multiIf(
        {{ type }} like '%Bool%', ['boolean'],
        {{ type }} like 'Array%', ['array'],
        match({{ type }}, 'Int|Float|Decimal'), ['number'],
        {{ type }} like '%DateTime64%', ['number', 'text'],
        ['text']
    )
{%- endmacro %}
