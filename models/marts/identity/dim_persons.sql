{{ config(order_by=['project_id', 'person_id'], query_settings=json_settings()) }}

with

members as (

    select
        project_id,
        person_id,
        max(is_user or is_joined) as is_known,
        minIf(substring(node, 3), is_user and node = canonical_node) as user_id,
        max(is_set_aside) as is_set_aside
    from {{ ref('int_person_members') }}
    group by project_id, person_id

),

identifiers as (

    select
        project_id,
        person_id,
        arraySort(groupUniqArray(
            if(identifier_kind = 'user', {{ user_node('identifier') }}, concat('d:', identifier))
        )) as identifiers
    from {{ ref('person_ids') }}
    group by project_id, person_id

),

sightings as (

    select
        project_id,
        person_id,
        toNullable(min(occurred_at)) as first_seen_at,
        toNullable(max(occurred_at)) as last_seen_at,
        count() as event_count
    from {{ ref('fct_events') }}
    where person_id != ''
    group by project_id, person_id

),

profiles as (

    select * from {{ ref('int_person_profiles') }}

)

select
    members.project_id as project_id,
    members.person_id as person_id,
    members.user_id as user_id,
    identifiers.identifiers as identifiers,
    members.is_set_aside as is_set_aside,
    profiles.is_deleted as is_deleted,
    JSONExtract(profiles.profile, 'JSON') as properties,
    sightings.event_count as event_count,
    sightings.first_seen_at as first_seen_at,
    sightings.last_seen_at as last_seen_at
from members
inner join identifiers
    on members.project_id = identifiers.project_id and members.person_id = identifiers.person_id
left join sightings
    on members.project_id = sightings.project_id and members.person_id = sightings.person_id
left join profiles
    on members.project_id = profiles.project_id and members.person_id = profiles.person_id
-- Between a logout and the next event a device is owned by nobody who was ever seen: no person.
where members.is_known or sightings.event_count > 0
