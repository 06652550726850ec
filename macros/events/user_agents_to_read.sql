{# User agents that were never seen, and those that may have been seen for the last time. #}
{% macro user_agents_to_read() -%}
    {%- set user_agent = planned_text('user_agent') -%}
    select cityHash64({{ user_agent }}) as user_agent_key
    from {{ events_that_came() }}
    where
        {{ user_agent }} != ''
        and user_agent_key not in (select user_agent_key from {{ data_of(this) }} where closed = 0)
    union all
    select cityHash64({{ user_agent }}) as user_agent_key
    from {{ events_that_went() }}
    where {{ user_agent }} != ''
{%- endmacro %}
