{# The persons of an identifier that has had several, by time. #}
{{
    config(
        materialized='turning_dictionary',
        fields=[
            ('identifier_key', 'UInt64'),
            ('valid_from', "DateTime64(3, 'UTC')"),
            ('valid_through', "DateTime64(3, 'UTC')"),
            ('person', 'UInt128'),
        ],
        primary_key='identifier_key',
        range=['valid_from', 'valid_through'],
        layout='range_hashed()',
        source_model='person_ids',
    )
}}
-- depends_on: {{ ref('person_ids') }}

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
