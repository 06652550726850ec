{# The day of an instant, from 1970. A Date ends in 2149, and clients' clocks say anything. #}
{% macro day_number(at) -%}
    intDiv(toUnixTimestamp64Milli({{ at }}), 86400000)
{%- endmacro %}
