{# What tells one landed record from every other. #}
{% macro record_coordinates() -%}
    lane, topic, generation, partition, offset, replay_seq
{%- endmacro %}


{# The same out of a tuple of them (SQL), each by its name. #}
{% macro coordinates_of(record) -%}
    {%- for name in record_coordinates().split(', ') -%}
        {{ record }}.{{ loop.index }} as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
