{#
    A time as clients write it (ISO 8601, or epoch milliseconds as number or text) as Int64 milliseconds, NULL where
    absent. The loaders' check lets nothing else through, so the cheap test for "a number" is enough here.
#}
{% macro milliseconds(text) -%}
    if(
        match({{ text }}, '^-?[0-9]{1,16}([.][0-9]+)?$'),
        toInt64OrNull(substringIndex({{ text }}, '.', 1)),
        toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull({{ text }}, 3, 'UTC'))
    )
{%- endmacro %}
