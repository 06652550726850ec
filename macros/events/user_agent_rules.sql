{#
    The rules of one kind (browser, os, device) as a regexp tree wants them. Stands in a dictionary's query, which cannot
    hold a double quote.
#}
{% macro user_agent_rules(kind) -%}
    select
        toUInt64(number) as id,
        toUInt64(0) as parent_id,
        pattern as regexp,
        arrayMap(member -> member.1, JSONExtractKeysAndValues(members, 'String')) as keys,
        arrayMap(member -> member.2, JSONExtractKeysAndValues(members, 'String')) as values
    from {{ ref('user_agent_rules') }}
    where kind = '{{ kind }}'
{%- endmacro %}
