{# How a user is named in the graph of identifiers. #}
{% macro user_node(user_id) -%}
    concat('u:', {{ user_id }})
{%- endmacro %}


{# An epoch of a device that nobody owns. It is named by its reset, never by a number: a late reset would renumber. #}
{% macro anonymous_node(device_id, epoch_start_at) -%}
    concat(
        'd:', {{ device_id }}, '@',
        if({{ epoch_start_at }} = {{ beginning_of_time() }}, '', toString(toUnixTimestamp64Milli({{ epoch_start_at }})))
    )
{%- endmacro %}
