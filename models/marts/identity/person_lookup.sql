{{
    config(
        materialized='turning_dictionary',
        fields=[
            ('identifier_key', 'UInt64'),
            ('person_id', 'String'),
            ('valid_from', "Array(DateTime64(3, 'UTC'))"),
            ('person_ids', 'Array(String)'),
        ],
        key='identifier_key',
        layout='hashed_array()',
        source_model='person_ids',
    )
}}
-- depends_on: {{ ref('person_ids') }}

with

segments as (

    select
        identifier_key,
        arraySort(groupArray((valid_from, person_id))) as in_order
    from {{ turning_rows(ref('person_ids')) }}
    group by identifier_key

)

-- An identifier of one person is a plain look-up; only the others carry their segments.
select
    identifier_key,
    if(length(arrayDistinct(in_order.2)) = 1, in_order.2[1], '') as person_id,
    if(person_id != '', [], in_order.1) as valid_from,
    if(person_id != '', [], in_order.2) as person_ids
from segments
