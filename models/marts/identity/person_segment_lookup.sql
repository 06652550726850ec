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
        key='identifier_key',
        range=['valid_from', 'valid_through'],
        layout='range_hashed()',
        source_model='person_ids',
    )
}}
-- depends_on: {{ ref('person_ids') }}

with

segments as (

    select * from {{ turning_rows(ref('person_ids')) }}
    where not (valid_from = {{ beginning_of_time() }} and valid_to = {{ end_of_time() }})

),

of_several as (

    select identifier_key
    from segments
    group by identifier_key
    having min(person_id) != max(person_id)

)

-- The dictionary counts both ends of a range in; the last one has no end.
select
    identifier_key,
    valid_from,
    if(valid_to = {{ end_of_time() }}, valid_to, subtractMilliseconds(valid_to, 1)) as valid_through,
    reinterpretAsUInt128(unhex(person_id)) as person
from segments
where identifier_key in (select of_several.identifier_key from of_several)
