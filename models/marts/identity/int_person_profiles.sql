{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['project_id', 'person_id'],
        order_by=['project_id', 'person_id'],
        dirty={
            'stg_raw__people': ["project_id, {{ person_id_of(device=\"''\") }} as person_id", "user_id != ''"],
            'person_ids': ['project_id, person_id', "identifier_kind = 'user'"],
        },
    )
}}
-- depends_on: {{ ref('person_lookup') }}
-- depends_on: {{ ref('stg_raw__people') }} {{ ref('person_ids') }}

with

lives as (

    -- A delete clears all before it, of every user of the person.
    select
        project_id,
        person_id,
        arraySort(groupArray((occurred_at, event_id, user_id, type, changes))) as history,
        tupleElement(history[-1], 4) = 'delete' as is_deleted,
        arraySlice(history, arrayLastIndex(message -> message.4 = 'delete', history) + 1) as messages
    from {{ profile_changes() }}
    group by project_id, person_id

),

folded as (

    select
        project_id,
        person_id,
        change.1 as property,
        {{ folded_value('groupArray((place, message.4, change.2))') }} as value
    from lives
    array join messages as message, arrayEnumerate(messages) as place
    array join message.5 as change
    group by project_id, person_id, property

),

profiles as (

    select
        project_id,
        person_id,
        arraySort(groupArray(concat(toJSONString(property), ':', value))) as members,
        concat('{', arrayStringConcat(members, ','), '}') as profile
    from folded
    where value != ''
    group by project_id, person_id

)

select
    lives.project_id as project_id,
    lives.person_id as person_id,
    lives.is_deleted as is_deleted,
    if(profiles.profile = '', '{}', profiles.profile) as profile
from lives
left join profiles
    on lives.project_id = profiles.project_id and lives.person_id = profiles.person_id
