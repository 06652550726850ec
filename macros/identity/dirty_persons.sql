{# How models of one row a person go on from what stands, where the persons to build anew are their `dirty` keys. #}


{# The keys of all identifiers that these persons have now. #}
{% macro identifiers_of_dirty_persons() -%}
    select identifier_key
    from {{ data_of(ref('person_ids')) }}
    where closed = 0 and {{ is_dirty('person_id') }}
{%- endmacro %}


{# The persons whose identifiers are others, both of each that went over. #}
{% macro persons_with_other_identifiers() -%}
    select person_id
    from {{ changes_of(ref('person_ids')) }}
    where change != 0
{%- endmacro %}


{#
    The persons with other identifiers, or of whom an event that meets a condition (compiled SQL on the events) came, went or is in
    another session now.
#}
{% macro persons_with_other_events(condition=none) -%}
    {{ persons_with_other_identifiers() }}
    union all
    select {{ person_id_of_key() }} as person_id
    from {{ changes_of(ref('int_events_sessionized')) }}
    where change != 0 and {{ condition or 'true' }}
{%- endmacro %}
