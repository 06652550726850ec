{{ config(meta={'dagster': {'ref': {'name': 'fct_events'}}}) }}
select
    project_id,
    event_id,
    distinct_id,
    person_id
from {{ events_to_test() }}
where (distinct_id = '') != (person_id = '')
