{{ config(schema='staging', order_by=['project_id', 'person_id', 'occurred_at', 'event_id']) }}

with

messages as (

    select * from {{ ref('stg_raw__people') }}
    where user_id != ''

),

members as (

    select * from {{ ref('int_person_members') }}
    where is_user

)

select
    messages.project_id as project_id,
    members.person_id as person_id,
    messages.occurred_at as occurred_at,
    messages.event_id as event_id,
    messages.user_id as user_id,
    messages.type as type,
    -- `unset` may name its properties in a list.
    if(
        JSONType(messages.properties) = 'Array',
        arrayMap(name -> (name, 'null'), JSONExtract(messages.properties, 'Array(String)')),
        JSONExtractKeysAndValuesRaw(messages.properties)
    ) as changes
from messages
inner join members
    on messages.project_id = members.project_id and {{ user_node('messages.user_id') }} = members.node
