{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'fct_events'}}}) }}
with

waits as (

    select
        project_id,
        session_id,
        dateDiff(
            'millisecond',
            lagInFrame(occurred_at, 1, occurred_at) over (
                partition by project_id, session_id
                order by occurred_at, event_id
                rows between unbounded preceding and unbounded following
            ),
            occurred_at
        ) as waited
    from {{ ref('fct_events') }}
    where session_id != ''

)

select *
from waits
where waited > {{ check_duration('sessionize', 'gap', var('session_gap')) }}
