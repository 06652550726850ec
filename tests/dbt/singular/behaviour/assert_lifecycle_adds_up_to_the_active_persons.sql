{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'lifecycle_weekly'}}}) }}
-- New, returning and resurrecting persons of a week are those who were active in it.
with

lifecycle as (

    select
        project_id,
        period_start,
        sumIf(persons, status != 'dormant') as persons
    from {{ ref('lifecycle_weekly') }}
    group by
        project_id,
        period_start

),

active as (

    select
        project_id,
        period_start,
        wau
    from {{ active_users(period='week', windows=[7], where=var('default_where')) }}

)

select
    lifecycle.project_id,
    lifecycle.period_start,
    lifecycle.persons,
    active.wau
from lifecycle
full outer join active
    on
        lifecycle.project_id = active.project_id
        and lifecycle.period_start = active.period_start
where lifecycle.persons != active.wau
