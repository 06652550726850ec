{#
    A profile as it was after each of its messages. A version is folded from all messages before it, so a late message or a
    merge changes every version after it.
#}
{{
    config(
        materialized='versioned',
        keys=['project_id', 'person_id'],
        order_by=['project_id', 'person_id', 'valid_from'],
        query_settings=json_settings(),
        dirty={
            'stg_raw__people': ["project_id, {{ person_id_of(device=\"''\") }} as person_id", "user_id != ''"],
            'person_ids': ['project_id, person_id', "identifier_kind = 'user'"],
        },
    )
}}
-- depends_on: {{ ref('person_lookup') }}
-- depends_on: {{ ref('stg_raw__people') }} {{ ref('person_ids') }}

with

histories as (

    select
        project_id,
        person_id,
        arraySort(groupArray((occurred_at, event_id, user_id, type, changes))) as history
    from {{ profile_changes() }}
    group by project_id, person_id

),

versions as (

    select
        project_id,
        person_id,
        tupleElement(history[version], 1) as valid_from,
        tupleElement(history[version], 4) = 'delete' as is_deleted,
        -- Of messages of one instant only the state after the last is a version.
        if(version = length(history), {{ end_of_time() }}, tupleElement(history[version + 1], 1)) as valid_to,
        arraySlice(history, 1, version) as before,
        arraySlice(before, arrayLastIndex(message -> message.4 = 'delete', before) + 1) as messages
    from histories
    array join arrayEnumerate(history) as version
    where valid_from < valid_to

),

folded as (

    select
        project_id,
        person_id,
        valid_from,
        change.1 as property,
        {{ folded_value('groupArray((place, message.4, change.2))') }} as value
    from versions
    array join messages as message, arrayEnumerate(messages) as place
    array join message.5 as change
    group by project_id, person_id, valid_from, property

),

profiles as (

    select
        project_id,
        person_id,
        valid_from,
        arraySort(groupArray(concat(toJSONString(property), ':', value))) as members,
        {{ json_object("concat('{', arrayStringConcat(members, ','), '}')") }} as properties
    from folded
    where value != ''
    group by project_id, person_id, valid_from

)

select
    versions.project_id as project_id,
    versions.person_id as person_id,
    versions.valid_from as valid_from,
    versions.valid_to as valid_to,
    versions.is_deleted as is_deleted,
    profiles.properties as properties
from versions
left join profiles using (project_id, person_id, valid_from)
