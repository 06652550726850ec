{#
    Whether an identifier has belonged to several persons, as a shared device has: of the others one look-up tells whose
    all their events are.
#}
{% macro is_identifier_of_several(key='identifier_key') -%}
    {{ key }} in (
        select identifier_key
        from {{ ref('person_lookup') }}
        where notEmpty(valid_from)
    )
{%- endmacro %}
