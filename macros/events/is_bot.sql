{# Whether a user agent names a bot, by the seed's patterns (parts of it, in any case). #}
{% macro is_bot(user_agent) -%}
    multiSearchAnyCaseInsensitive(
        {{ user_agent }}, (select groupArray(bots.pattern) from {{ ref('bot_user_agents') }} as bots)
    )
{%- endmacro %}
