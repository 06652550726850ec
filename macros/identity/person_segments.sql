{# The persons of an identifier that has had several, by time: what `person_segment_lookup` holds. #}
{% macro person_segments() -%}
    with

    segments as (

        select
            identifier_key,
            valid_from,
            valid_to,
            reinterpretAsUInt128(unhex(person_id)) as segment_person
        from {{ turning_rows(ref('person_ids')) }}
        where not (valid_from = {{ beginning_of_time() }} and valid_to = {{ end_of_time() }})

    ),

    -- One pass: asking for those of several first would read all segments again.
    of_several as (

        select
            identifier_key,
            groupArray((valid_from, valid_to, segment_person)) as segment
        from segments
        group by identifier_key
        having min(segment_person) != max(segment_person)

    )

    -- The dictionary counts both ends of a range in; the last one has no end.
    select
        identifier_key,
        segment.1 as valid_from,
        if(segment.2 = {{ end_of_time() }}, segment.2, subtractMilliseconds(segment.2, 1)) as valid_through,
        segment.3 as person
    from of_several
    array join segment
{%- endmacro %}


{# That dictionary, which `person_lookup` has beside it, without the number of its slot. #}
{% macro person_segment_lookup() -%}
    {{- return(api.Relation.create(schema=ref('person_lookup').schema, identifier='person_segment_lookup')) -}}
{%- endmacro %}
