{#
    Whether a user agent names a bot, by the seed's patterns (parts of it, in any case). Names that only contain a pattern, as that
    of a phone may, are cut out first where one of them occurs.
#}
{% macro is_bot(user_agent) -%}
    {%- set patterns, names = "groupArray(bots.pattern)", "arrayFlatten(groupArray(splitByChar('|', bots.but_not)))" -%}
    {%- set any_name = "concat('(?i)', arrayStringConcat(arrayMap(name -> regexpQuoteMeta(name), " ~ of_bots(names) ~ "), '|'))" -%}
    (
        {{ contains_any(user_agent, patterns) }}
        and (
            not {{ contains_any(user_agent, names) }}
            or {{ contains_any('replaceRegexpAll(' ~ user_agent ~ ', ' ~ any_name ~ ", '')", patterns) }}
        )
    )
{%- endmacro %}


{# Whether a text contains one of some texts of the seed. The engine looks for 255 at once at most. #}
{% macro contains_any(text, texts) -%}
    {%- set searches = [] -%}
    {%- for first in range(1, most_bot_patterns(), 255) -%}
        {%- do searches.append('multiSearchAnyCaseInsensitive(' ~ text ~ ', ' ~ of_bots(texts, first) ~ ')') -%}
    {%- endfor -%}
    ({{ searches | join(' or ') }})
{%- endmacro %}


{# Texts of the seed in their order: an aggregate of its rows that is an array; all of them, or 255 from a place on. #}
{% macro of_bots(texts, first=none) -%}
    {%- set found = "arraySort(arrayFilter(text -> text != '', " ~ texts ~ '))' -%}
    (select {{ found if first is none else 'arraySlice(' ~ found ~ ', ' ~ first ~ ', 255)' }} from {{ ref('bot_user_agents') }} as bots)
{%- endmacro %}


{# How many patterns are looked for, and how many names. #}
{% macro most_bot_patterns() -%}
    {{- return(4 * 255) -}}
{%- endmacro %}
