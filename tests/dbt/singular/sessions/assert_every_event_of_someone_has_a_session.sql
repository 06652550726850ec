{{ config(meta={'dagster': {'ref': {'name': 'fct_events'}}}) }}
-- Sessionless events are the exception that `sessionless_where` makes.
select
    project_id,
    event_id,
    session_id
from {{ events_to_test() }}
where
    (distinct_id = '' and session_id != '')
    or (distinct_id != '' and session_id = '' and {{ 'false' if var('sessionless_where') else 'true' }})
