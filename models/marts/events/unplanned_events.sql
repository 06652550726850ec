{{ config(materialized='view', sql_security='definer') }}

with

days as (

    select * from {{ ref('int_event_days') }}
    where event not in (select plan.event from {{ ref('tracking_plan') }} as plan)

),

properties as (

    select
        project_id,
        event,
        arraySort(groupUniqArray(property)) as properties
    from {{ ref('int_property_days') }}
    group by project_id, event

)

select
    days.project_id as project_id,
    days.event as event,
    min(days.first_seen_at) as first_seen_at,
    max(days.last_seen_at) as last_seen_at,
    sum(days.event_count) as event_count,
    any(properties.properties) as properties
from days
left join properties on days.project_id = properties.project_id and days.event = properties.event
group by days.project_id, days.event
