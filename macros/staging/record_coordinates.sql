{# What tells one landed record from every other. #}
{% macro record_coordinates() -%}
    lane, topic, generation, partition, offset, replay_seq
{%- endmacro %}
