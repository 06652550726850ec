{#
    Whether an identifier has belonged to several persons, as a shared device has: of the others one look-up tells whose
    all their events are. True as well for one that did or will by the dictionary that is not asked now, which is no harm.
#}
{% macro is_identifier_of_several(key='identifier_key') -%}
    {%- set lookup = person_segment_lookup() -%}
    {{ key }} in (
        select identifier_key
        from {{ turning_slot(lookup, 0) }}
        union all
        select identifier_key
        from {{ turning_slot(lookup, 1) }}
    )
{%- endmacro %}
