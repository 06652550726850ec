{{
    config(
        materialized='versioned',
        order_by=['project_id', 'reason', 'node'],
        prepare=[['logins', '{{ logins_set_aside() }}']],
    )
}}

with

owners as (

    select * from {{ ref('int_device_owners') }}

),

edges as (

    select * from {{ ref('int_identity_edges') }}

),

too_large as (

    select distinct
        project_id,
        node
    from {{ ref('person_ids') }}
    where is_set_aside

),

kiosk_epochs as (

    select * from owners
    where is_kiosk

),

logins as (

    select * from {{ prepared('logins', logins_set_aside()) }}

),

kiosks as (

    select
        kiosk_epochs.project_id as project_id,
        'kiosk' as reason,
        kiosk_epochs.node as node,
        count() as fact_count,
        min(logins.occurred_at) as first_occurred_at,
        max(logins.occurred_at) as last_occurred_at
    from kiosk_epochs
    inner join logins on kiosk_epochs.device_key = logins.device_key
    where
        not logins.is_cancelled
        and logins.occurred_at >= kiosk_epochs.valid_from
        and logins.occurred_at < kiosk_epochs.valid_to
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
    where
        ends.is_cut
        or (ends.project_id, ends.node) in (
            select
                too_large.project_id,
                too_large.node
            from too_large
        )
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

facts as (

    select
        project_id,
        guarded_nodes,
        occurred_at
    from {{ ref('int_events_sessionized') }}
    union all
    select
        project_id,
        guarded_nodes,
        occurred_at
    from {{ ref('stg_raw__identities') }}
    union all
    select
        project_id,
        guarded_nodes,
        occurred_at
    from {{ ref('stg_raw__people') }}

),

guarded as (

    select
        project_id,
        'guarded' as reason,
        arrayJoin(guarded_nodes) as node,
        count() as fact_count,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at
    from facts
    where notEmpty(guarded_nodes)
    group by project_id, node

),

united as (

    select * from kiosks
    union all
    select * from joins
    union all
    select * from cancelled
    union all
    select * from guarded

)

select
    project_id,
    reason::LowCardinality(String) as reason,
    node,
    fact_count,
    first_occurred_at,
    last_occurred_at
from united
