{#
    The columns that tell an event's context: those of `context_values`, and what the look-up of user agents says of the
    planned column `user_agent`.
#}
{% macro context_columns(agent_value=user_agent_value) -%}
    {{ context_value_columns() }},
    {{ agent_columns(agent_value) }}
{%- endmacro %}


{# The columns that a user agent tells, each by `agent_value` of its name and the agent's key. #}
{% macro agent_columns(agent_value) -%}
    {%- for column in user_agent_columns() %}
    {{ agent_value(column, 'cityHash64(' ~ planned_text('user_agent') ~ ')') }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The ones that are stored. A user agent's are looked up as an event is read: there are few of them. #}
{% macro context_value_columns() -%}
    page_host,
    page_path,
    campaign_source,
    campaign_medium,
    campaign_name,
    campaign_term,
    campaign_content,
    referrer_host,
    channel
{%- endmacro %}


{# What a user agent names, '' where nothing is known. #}
{% macro user_agent_value(column, key) -%}
    dictGetOrDefault({{ ref('user_agent_lookup') }}, '{{ column }}', {{ key }}, '')
{%- endmacro %}


{# The same of rows that have its column. #}
{% macro told_agent_value(column, key) -%}
    {{- return(column) -}}
{%- endmacro %}


{% macro user_agent_columns() -%}
    {{- return(['browser', 'browser_version', 'os', 'os_version', 'device_type', 'device_brand', 'device_model']) -}}
{%- endmacro %}
