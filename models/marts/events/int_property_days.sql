{{ config(order_by=['project_id', 'event', 'property', 'occurred_date', 'type']) }}

with

seen as (

    select
        project_id,
        event,
        toDate(occurred_at) as occurred_date,
        -- The column knows its paths and types; nothing is parsed again.
        arrayJoin(JSONAllPathsWithTypes(properties)) as path_and_type,
        count() as value_count,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from {{ ref('fct_events') }}
    group by project_id, event, occurred_date, path_and_type

)

select
    project_id,
    event,
    path_and_type.1 as property,
    {{ json_type('path_and_type.2') }} as type,
    occurred_date,
    sum(seen.value_count) as value_count,
    min(seen.first_seen_at) as first_seen_at,
    max(seen.last_seen_at) as last_seen_at
from seen
group by project_id, event, property, type, occurred_date
