{# The rules of one kind (browser, os, device) under the names that a regexp tree wants. #}
{% macro user_agent_patterns(kind) -%}
    select
        id,
        parent_id,
        regexp,
        member_names as keys,
        member_values as values
    from {{ ref('stg_user_agents__rules') }}
    where kind = '{{ kind }}'
{%- endmacro %}
