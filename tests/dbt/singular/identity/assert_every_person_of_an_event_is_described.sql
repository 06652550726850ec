{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'dim_persons'}}}) }}
select distinct
    events.project_id as project_id,
    events.person_id as person_id
from {{ ref('fct_events') }} as events
left anti join {{ ref('dim_persons') }} as persons
    on events.project_id = persons.project_id and events.person_id = persons.person_id
where events.person_id != ''
