{{ config(materialized='view', sql_security='definer') }}

with

days as (

    select * from {{ ref('int_property_days') }}

),

events as (

    select
        project_id,
        event,
        sum(event_days.event_count) as event_count
    from {{ ref('int_event_days') }} as event_days
    group by project_id, event

),

plans as (

    select * from {{ ref('tracking_plan') }}
    where property != ''

),

columns as (

    select
        property,
        column,
        -- The same in all lines of a column, but for blanks.
        min(plans.type) as type,
        groupArray(event) as events
    from plans
    group by property, column

),

seen as (

    select
        project_id,
        event,
        property,
        sumMap(map(days.type, days.value_count)) as values_by_type,
        sum(days.value_count) as value_count,
        toNullable(min(days.first_seen_at)) as first_seen_at,
        toNullable(max(days.last_seen_at)) as last_seen_at
    from days
    group by project_id, event, property

    union all

    -- Planned for an event that is sent, and never sent with it.
    select
        events.project_id,
        events.event,
        plans.property,
        map()::Map(String, UInt64) as values_by_type,
        0 as value_count,
        null as first_seen_at,
        null as last_seen_at
    from events
    inner join plans on events.event = plans.event
    where (events.project_id, events.event, plans.property) not in (
        select
            project_id,
            event,
            property
        from days
    )

)

select
    seen.project_id as project_id,
    seen.event as event,
    seen.property as property,
    seen.first_seen_at as first_seen_at,
    seen.last_seen_at as last_seen_at,
    arraySort(mapKeys(seen.values_by_type)) as types_seen,
    seen.values_by_type as values_by_type,
    seen.value_count as value_count,
    events.event_count as event_count,
    1 - seen.value_count / events.event_count as null_share,
    has(columns.events, seen.event) or has(columns.events, '*') as is_planned,
    columns.column as planned_column,
    columns.type as planned_type,
    if(
        columns.type = '', 0,
        toUInt64(
            seen.value_count
            - arraySum(type -> seen.values_by_type[type], {{ planned_json_types('columns.type') }})
        )
    ) as conflict_count,
    if(seen.value_count = 0, null, conflict_count / seen.value_count) as conflict_share
from seen
inner join events on seen.project_id = events.project_id and seen.event = events.event
left join columns on seen.property = columns.property
