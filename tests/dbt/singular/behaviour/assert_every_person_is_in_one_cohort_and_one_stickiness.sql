{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'retention_weekly'}}}) }}
-- First-time cohorts and stickiness without a threshold each hold every person once.
with

persons as (

    select
        project_id,
        uniqExact(person_id) as persons
    from {{ ref('fct_events') }}
    where
        person_id != ''
        and {{ var('default_where') or 'true' }}
    group by project_id

),

cohorts as (

    select
        project_id,
        sum(cohort_size) as persons
    from {{ ref('retention_weekly') }}
    where period_number = 0
    group by project_id

),

stickiness as (

    select
        project_id,
        sum(persons) as persons
    from {{ ref('stickiness_weekly') }}
    group by project_id

)

select
    persons.project_id,
    persons.persons,
    cohorts.persons as in_cohorts,
    stickiness.persons as in_stickiness
from persons
left join cohorts on persons.project_id = cohorts.project_id
left join stickiness on persons.project_id = stickiness.project_id
where persons.persons != cohorts.persons or persons.persons != stickiness.persons
