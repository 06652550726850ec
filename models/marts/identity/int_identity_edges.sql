{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['project_id', 'event_id', 'client_timestamp'],
        order_by=['project_id', 'event_id', 'client_timestamp', 'left_node', 'right_node'],
        dirty='{{ messages_to_join_again() }}',
        prepare=[['pairs', '{{ named_pairs() }}']],
    )
}}

with

joins as (

    select * from {{ prepared('pairs', named_pairs()) }}

),

owners as (

    select * from {{ ref('int_device_owners') }}
    where
        device_key in (select joins.left_device_key from joins)
        or device_key in (select joins.right_device_key from joins)

),

left_resolved as (

    select
        joins.*,
        if(left_device_key = 0, {{ user_node('joins.left_id') }}, owners.node) as left_node
    from joins
    asof left join owners
        on
            joins.left_device_key = owners.device_key
            and joins.occurred_at >= owners.valid_from

),

resolved as (

    select
        left_resolved.project_id as project_id,
        left_resolved.event_id as event_id,
        left_resolved.client_timestamp as client_timestamp,
        left_resolved.occurred_at as occurred_at,
        left_resolved.left_node as one_node,
        if(
            left_resolved.right_device_key = 0, {{ user_node('left_resolved.right_id') }}, owners.node
        ) as other_node
    from left_resolved
    asof left join owners
        on
            left_resolved.right_device_key = owners.device_key
            and left_resolved.occurred_at >= owners.valid_from

),

cuts as (

    select
        project_id,
        least({{ user_node('user_id') }}, {{ user_node('previous_id') }}) as left_node,
        greatest({{ user_node('user_id') }}, {{ user_node('previous_id') }}) as right_node,
        max(occurred_at) as cut_until
    from {{ ref('stg_raw__identities') }}
    where type = 'unmerge' and user_id != '' and previous_id != ''
    group by project_id, left_node, right_node

),

ordered as (

    select
        *,
        least(one_node, other_node) as left_node,
        greatest(one_node, other_node) as right_node
    from resolved
    -- A device that has no owners yet joins nobody; its joins are dirty as it gets them.
    where one_node != other_node and one_node != '' and other_node != ''

)

-- A merge of a user and two devices of one owner names one pair twice.
select distinct
    project_id,
    event_id,
    client_timestamp,
    occurred_at,
    left_node,
    right_node,
    occurred_at <= cuts.cut_until as is_cut
from ordered
left join cuts using (project_id, left_node, right_node)
