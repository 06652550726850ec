{# What tells one list of bots from another: rows of another version were told by another list. #}
{% macro bot_version() -%}
    assumeNotNull((
        select lower(hex(sipHash64(arraySort(groupArray((bots.pattern, bots.but_not)))))) from {{ ref('bot_user_agents') }} as bots
    ))
{%- endmacro %}
