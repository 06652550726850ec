{#
    Whether a user agent names a bot, by the seed's patterns (parts of it, in any case). Names that only contain a pattern, as that
    of a phone may, are cut out first where one of them occurs.
#}
{% macro is_bot(user_agent) -%}
    {%- set names = '(select arraySort(groupArrayIf(bots.but_not, bots.but_not != \'\')) from ' ~ ref('bot_user_agents') ~ ' as bots)' -%}
    {%- set any_name = "concat('(?i)', arrayStringConcat(arrayMap(name -> regexpQuoteMeta(name), " ~ names ~ "), '|'))" -%}
    (
        {{ names_a_bot(user_agent) }}
        and (
            not multiSearchAnyCaseInsensitive({{ user_agent }}, {{ names }})
            or {{ names_a_bot('replaceRegexpAll(' ~ user_agent ~ ', ' ~ any_name ~ ", '')") }}
        )
    )
{%- endmacro %}


{# Whether a text contains a pattern. The engine looks for 255 at once at most. #}
{% macro names_a_bot(text) -%}
    {%- set searches = [] -%}
    {%- for first in range(1, most_bot_patterns(), 255) -%}
        {%- do searches.append(
            'multiSearchAnyCaseInsensitive(' ~ text ~ ', (select arraySlice(arraySort(groupArray(bots.pattern)), ' ~ first ~ ', 255) from '
            ~ ref('bot_user_agents') ~ ' as bots))'
        ) -%}
    {%- endfor -%}
    ({{ searches | join(' or ') }})
{%- endmacro %}


{# How many patterns are looked for. #}
{% macro most_bot_patterns() -%}
    {{- return(4 * 255) -}}
{%- endmacro %}
