{{
    config(
        materialized='versioned',
        keys=['project_id', 'event', 'occurred_date'],
        order_by=['project_id', 'event', 'property', 'occurred_date', 'type'],
        dirty='{{ event_days_that_changed() }}',
        prepare=[['recounted', '{{ event_days_to_recount() }}']],
    )
}}

select
    project_id,
    event,
    property,
    type,
    occurred_date,
    sum(sums.value_count) as value_count,
    min(sums.first_seen_at) as first_seen_at,
    max(sums.last_seen_at) as last_seen_at
from {{
    event_day_sums(
        counted_properties,
        ['project_id', 'event', 'property', 'type', 'occurred_date', 'value_count', 'first_seen_at', 'last_seen_at'],
    )
}} as sums
group by project_id, event, property, type, occurred_date
