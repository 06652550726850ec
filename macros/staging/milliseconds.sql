{#
    A time as clients write it (ISO 8601, or epoch milliseconds as number or text) as Int64 milliseconds, NULL where
    absent. The loaders' check lets nothing else through, so the cheap test for "a number" is enough here.
#}
{% macro milliseconds(text) -%}
    if(
        match({{ text }}, '{{ epoch_milliseconds() }}'),
        toInt64OrNull(substringIndex({{ text }}, '.', 1)),
        toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull({{ text }}, 3, 'UTC'))
    )
{%- endmacro %}


{#
    The same of what anybody may have sent. Of a text that is no time the engine makes one all the same, of `10:00` that of a day of the
    present year, and so another one next year.
#}
{% macro milliseconds_of_property(text) -%}
    if(match({{ text }}, '{{ iso_time() }}|{{ epoch_milliseconds() }}'), {{ milliseconds(text) }}, null)
{%- endmacro %}


{# What the loaders' check takes for a time (`loaders/envelope.py`): epoch milliseconds; a date, or a date and a time of day. #}
{% macro epoch_milliseconds() -%}
    ^-?[0-9]{1,16}([.][0-9]+)?$
{%- endmacro %}


{% macro iso_time() -%}
    ^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)([.][0-9]{1,9})?)?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?$
{%- endmacro %}
