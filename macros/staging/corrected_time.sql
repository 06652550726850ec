{#
    When it happened: the client's time, shifted by what the gateway's clock saw when the client sent it. All three
    are milliseconds; without both `sent` and `received` the client is believed.
#}
{% macro corrected_time(timestamp, sent, received) -%}
    fromUnixTimestamp64Milli(assumeNotNull({{ timestamp }} + ifNull({{ received }} - {{ sent }}, 0)), 'UTC')
{%- endmacro %}
