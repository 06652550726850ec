{#
    The person of each identifier that has had one only: the usual case, and the fastest look-up that there is. Beside it those that have
    had several, by time: as identifiers go from one to the other, the two are loaded and shown together.
#}
{{
    config(
        materialized='turning_dictionary',
        fields=[('identifier_key', 'UInt64'), ('person', 'UInt128')],
        primary_key='identifier_key',
        layout='hashed()',
        source_model='person_ids',
        beside={
            'person_segment_lookup': {
                'fields': [
                    ('identifier_key', 'UInt64'),
                    ('valid_from', "DateTime64(3, 'UTC')"),
                    ('valid_through', "DateTime64(3, 'UTC')"),
                    ('person', 'UInt128'),
                ],
                'primary_key': 'identifier_key',
                'range': ['valid_from', 'valid_through'],
                'layout': 'range_hashed()',
                'rows': '{{ person_segments() }}',
            },
        },
    )
}}
-- depends_on: {{ ref('person_ids') }}

with

segments as (

    select
        identifier_key,
        reinterpretAsUInt128(unhex(person_id)) as segment_person,
        valid_from = {{ beginning_of_time() }} and valid_to = {{ end_of_time() }} as is_all_time
    from {{ turning_rows(ref('person_ids')) }}

)

select
    identifier_key,
    segment_person as person
from segments
where is_all_time
union all
select
    identifier_key,
    min(segment_person) as person
from segments
where not is_all_time
group by identifier_key
having min(segment_person) = max(segment_person)
