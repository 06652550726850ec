{# An identifier, or '' where it is absent or stands in the seed of identifiers that are no one. #}
{% macro someone(identifier) -%}
    if(
        lower(trimBoth(ifNull({{ identifier }}, ''))) in (select guarded.identifier from {{ ref('guarded_identifiers') }} as guarded),
        '', ifNull({{ identifier }}, '')
    )
{%- endmacro %}
