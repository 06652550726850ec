{# Built by the server when somebody first asks for what was known at a time, and not before. #}
{{
    config(
        materialized='dictionary',
        is_loaded_when_asked=true,
        fields=[
            ('identifier_key', 'UInt64'),
            ('person_ids', 'Array(String)'),
            ('valid_from', "Array(DateTime64(3, 'UTC'))"),
            ('known_from', "Array(DateTime64(3, 'UTC'))"),
            ('known_to', "Array(DateTime64(3, 'UTC'))"),
        ],
        primary_key='identifier_key',
        layout='hashed_array()',
    )
}}

with

versions as (

    select
        identifier_key,
        arraySort(groupArray((valid_from, known_from, known_to, person_id))) as in_order
    from {{ ref('person_id_history') }}
    group by identifier_key

)

select
    identifier_key,
    in_order.4 as person_ids,
    in_order.1 as valid_from,
    in_order.2 as known_from,
    in_order.3 as known_to
from versions
