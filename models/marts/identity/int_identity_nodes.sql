{{ config(schema='staging', order_by=['project_id', 'node']) }}

with

messages as (

    select * from {{ ref('stg_raw__identities') }}

),

users as (

    select
        project_id,
        user_id
    from {{ ref('stg_raw__events') }}
    union all
    select
        project_id,
        arrayJoin([user_id, previous_id]) as user_id
    from messages
    union all
    select
        project_id,
        user_id
    from {{ ref('stg_raw__people') }}

),

nodes as (

    select
        project_id,
        {{ user_node('user_id') }} as node,
        true as is_user
    from users
    where user_id != ''
    group by project_id, user_id

    union all

    select
        project_id,
        node,
        false as is_user
    from {{ ref('int_device_owners') }}
    where owner_user_id = ''

)

select
    project_id,
    node,
    is_user,
    -- Numbered in the order of who stands for a person, so that the smallest number of a component is its canonical
    -- member, and the rounds that find components compare numbers only.
    row_number() over (order by project_id, not is_user, node)::UInt64 as node_number
from nodes
