{# The key of a device, whether or not somebody is logged in on it. #}
{% macro device_key(device_id='device_id') -%}
    {{- return(identifier_key("'device'", device_id)) -}}
{%- endmacro %}
