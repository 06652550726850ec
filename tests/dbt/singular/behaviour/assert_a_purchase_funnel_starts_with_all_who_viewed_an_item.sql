{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'funnel_purchase'}}}) }}
-- Without exclusions every person with an event of step 1 has an attempt.
with

viewers as (

    select
        project_id,
        uniqExact(person_id) as persons
    from {{ ref('fct_events') }}
    where
        person_id != ''
        and event = 'view_item'
        and {{ var('default_where') or 'true' }}
    group by project_id

),

starters as (

    select
        project_id,
        entered as persons
    from {{ ref('funnel_purchase') }}
    where step_number = 1

)

select
    starters.project_id as project_id,
    viewers.persons as viewers,
    starters.persons as starters
from starters
left join viewers on starters.project_id = viewers.project_id
where viewers.persons != starters.persons
