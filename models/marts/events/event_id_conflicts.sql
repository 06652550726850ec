{{ config(materialized='view') }}

select
    project_id,
    event_id,
    count() as event_count,
    arraySort(groupUniqArray(event)) as events,
    min(client_timestamp) as first_client_timestamp,
    max(client_timestamp) as last_client_timestamp
from {{ ref('int_events_sessionized') }}
group by project_id, event_id
having event_count > 1
