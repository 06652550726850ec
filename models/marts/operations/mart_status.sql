{{ config(materialized='view') }}
{# A hook writes the commits, which lineage does not see; all marts that it names begin at the facts. #}
-- depends_on: {{ ref('fct_events') }}

with

runs as (

    select * from {{ run_table('run_commits') }}
    where not startsWith(model, 'stg_') and not startsWith(model, 'int_')

),

latest as (

    select
        model,
        argMax(runs.data_through, runs.finished_at) as data_through,
        max(runs.finished_at) as finished_at,
        argMax(runs.run_id, runs.finished_at) as last_run
    from runs
    group by model

)

select
    model,
    data_through,
    finished_at,
    -- Read at the time of the query: what a dashboard shows grows while nothing runs.
    dateDiff('second', data_through, now64(3, 'UTC')) as freshness_seconds,
    last_run
from latest
