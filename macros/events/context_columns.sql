{#
    The columns that tell an event's context: those of `context_values`, and what the look-up of user agents says of the
    planned column `user_agent`.
#}
{% macro context_columns() -%}
    page_host,
    page_path,
    campaign_source,
    campaign_medium,
    campaign_name,
    campaign_term,
    campaign_content,
    referrer_host,
    channel,
    {%- for column in user_agent_columns() %}
    dictGetOrDefault({{ ref('user_agent_lookup') }}, '{{ column }}', cityHash64({{ planned_text('user_agent') }}), '') as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{% macro user_agent_columns() -%}
    {{- return(['browser', 'browser_version', 'os', 'os_version', 'device_type', 'device_brand', 'device_model']) -}}
{%- endmacro %}
