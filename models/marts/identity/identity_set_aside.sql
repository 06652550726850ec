{{ config(materialized='versioned', order_by=['project_id', 'reason', 'node']) }}

with

owners as (

    select * from {{ ref('int_device_owners') }}

),

edges as (

    select * from {{ ref('int_identity_edges') }}

),

members as (

    select * from {{ ref('int_person_members') }}

),

logins as (

    select * from {{ ref('int_device_logins') }}

),

kiosks as (

    select
        owners.project_id as project_id,
        'kiosk' as reason,
        owners.node as node,
        count() as fact_count,
        min(logins.occurred_at) as first_occurred_at,
        max(logins.occurred_at) as last_occurred_at
    from owners
    inner join logins
        on
            owners.project_id = logins.project_id
            and owners.device_id = logins.device_id
    where
        owners.is_kiosk
        and not logins.is_cancelled
        and logins.occurred_at >= owners.valid_from
        and logins.occurred_at < owners.valid_to
    group by project_id, node

),

ends as (

    select
        project_id,
        arrayJoin([left_node, right_node]) as node,
        occurred_at,
        is_cut
    from edges

),

joins as (

    select
        ends.project_id as project_id,
        if(ends.is_cut, 'cut', 'cap') as reason,
        ends.node as node,
        count() as fact_count,
        min(ends.occurred_at) as first_occurred_at,
        max(ends.occurred_at) as last_occurred_at
    from ends
    inner join members
        on ends.project_id = members.project_id and ends.node = members.node
    where ends.is_cut or members.is_set_aside
    group by project_id, reason, node

),

cancelled as (

    select
        project_id,
        'cancelled' as reason,
        concat('d:', device_id) as node,
        count() as fact_count,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at
    from logins
    where is_cancelled
    group by project_id, node

),

united as (

    select * from kiosks
    union all
    select * from joins
    union all
    select * from cancelled

)

select
    project_id,
    reason::LowCardinality(String) as reason,
    node,
    fact_count,
    first_occurred_at,
    last_occurred_at
from united
