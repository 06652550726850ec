{# An identifier, or '' where it is absent or stands in the seed of identifiers that are no one. #}
{% macro someone(identifier) -%}
    {#- dbt reads the cell `null` of a seed as no value, so the most common of them cannot stand there. -#}
    if(
        lower(trimBoth(ifNull({{ identifier }}, ''))) = 'null'
        or lower(trimBoth(ifNull({{ identifier }}, ''))) in (select guarded.identifier from {{ ref('guarded_identifiers') }} as guarded),
        '', ifNull({{ identifier }}, '')
    )
{%- endmacro %}
