{#- Whoever was named and never seen is of no day that has ended. -#}
{% set first_seen_date -%}
    ifNull(toDate(first_seen_at, {{ string_literal(var('timezone')) }}), toDate('2106-01-01'))
{%- endset -%}
{{
    config(
        materialized='versioned',
        keys=['project_id', 'person_id'],
        order_by=['project_id', 'person_id'],
        query_settings=json_settings(),
        dirty={
            'person_ids': 'project_id, person_id',
            'int_identifier_days': "project_id, {{ person_id_of_key(at='segment_at') }} as person_id",
            'int_person_profiles': 'project_id, person_id',
        },
        restated={
            'key': {'first_seen_date': first_seen_date},
            'period': [first_seen_date, first_seen_date ~ ' + 1'],
            'news': ['toDate(0)', first_seen_date ~ ' + 1'],
            'measures': {'persons': '1', 'deleted_persons': 'is_deleted'},
            'reads_profiles': true,
        },
    )
}}
-- depends_on: {{ ref('person_lookup') }}

with

members as (

    select * from {{ ref('person_ids') }}
    where {{ is_dirty('project_id, person_id') }}

),

persons as (

    select
        project_id,
        person_id,
        -- Between a logout and the next event a device is owned by nobody who was ever seen: no person.
        max(identifier_kind = 'user' or is_joined) as is_known,
        any(if(startsWith(canonical_node, 'u:'), substring(canonical_node, 3), '')) as user_id,
        max(is_set_aside) as is_set_aside,
        arraySort(groupUniqArray(
            if(identifier_kind = 'user', {{ user_node('identifier') }}, concat('d:', identifier))
        )) as identifiers
    from members
    group by project_id, person_id

),

sightings as (

    select
        project_id,
        {{ person_id_of_key(at='segment_at') }} as person_id,
        toNullable(min(first_at)) as first_seen_at,
        toNullable(max(last_at)) as last_seen_at,
        sum(event_count) as event_count
    from {{ ref('int_identifier_days') }}
    where {{ "identifier_key in (select members.identifier_key from members)" if is_incremental_build() else 'true' }}
    group by project_id, person_id

),

profiles as (

    select * from {{ ref('int_person_profiles') }}
    where {{ is_dirty('project_id, person_id') }}

)

select
    persons.project_id as project_id,
    persons.person_id as person_id,
    persons.user_id as user_id,
    persons.identifiers as identifiers,
    persons.is_set_aside as is_set_aside,
    profiles.is_deleted as is_deleted,
    {{ json_object('profiles.profile') }} as properties,
    sightings.event_count as event_count,
    sightings.first_seen_at as first_seen_at,
    sightings.last_seen_at as last_seen_at
from persons
left join sightings
    on persons.project_id = sightings.project_id and persons.person_id = sightings.person_id
left join profiles
    on persons.project_id = profiles.project_id and persons.person_id = profiles.person_id
where persons.is_known or sightings.event_count > 0
