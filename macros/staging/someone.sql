{# An identifier, or '' where it is blank or stands in the seed of identifiers that are no one, in any case and with blanks around it. #}
{% macro someone(identifier) -%}
    {%- set bare = 'lowerUTF8(trimBoth(' ~ identifier ~ ", ' \\t\\n\\r\\f\\v'))" -%}
    {#- dbt reads the cell `null` of a seed as no value, so the most common of them cannot stand there. -#}
    if(
        {{ bare }} in ('', 'null')
        or {{ bare }} in (select guarded.identifier from {{ ref('guarded_identifiers') }} as guarded),
        '', {{ identifier }}
    )
{%- endmacro %}
