{{ config(order_by=['project_id', 'event', 'occurred_date']) }}

select
    project_id,
    event,
    toDate(occurred_at) as occurred_date,
    count() as event_count,
    min(occurred_at) as first_seen_at,
    max(occurred_at) as last_seen_at
from {{ ref('fct_events') }}
group by project_id, event, occurred_date
