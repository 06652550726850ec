{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'fct_events'}}}) }}
-- A session that takes an edge at a step has come to its source by an edge of the step before.
with

edges as (

    select
        project_id,
        step_number,
        source,
        target,
        transitions
    from {{ paths(top=none, where=var('default_where')) }}

),

entered as (

    select
        project_id,
        step_number + 1 as step_number,
        target as node,
        sum(transitions) as transitions
    from edges
    group by
        project_id,
        step_number,
        node

),

departed as (

    select
        project_id,
        step_number,
        source as node,
        sum(transitions) as transitions
    from edges
    where step_number > 1
    group by
        project_id,
        step_number,
        node

)

select
    departed.project_id,
    departed.step_number,
    departed.node,
    departed.transitions,
    entered.transitions as entered
from departed
left join entered
    on
        departed.project_id = entered.project_id
        and departed.step_number = entered.step_number
        and departed.node = entered.node
where departed.transitions > coalesce(entered.transitions, 0)
