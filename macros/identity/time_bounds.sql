{# Before every usable time. An owner segment that has no start starts here. #}
{% macro beginning_of_time() -%}
    toDateTime64('1970-01-01 00:00:00', 3, 'UTC')
{%- endmacro %}


{# After every usable time. #}
{% macro end_of_time() -%}
    toDateTime64('2106-01-01 00:00:00', 3, 'UTC')
{%- endmacro %}
