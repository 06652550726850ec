{# A hook writes the book as runs end (macros/runs/restatements.sql). Readers see what committed runs wrote. #}
{{ config(materialized='view') }}
-- depends_on: {{ ref('fct_events') }}

with

cells as (

    select * from {{ run_table('run_restatements') }}

),

runs as (

    select * from {{ run_table('run_commits') }}
    where
        (model, run) in (
            select
                model,
                run
            from cells
        )

)

select
    cells.mart as model,
    cells.project_id as project_id,
    cells.key as key,
    cells.period_start as period_start,
    cells.period_end as period_end,
    cells.measure as measure,
    cells.old as old,
    cells.new as new,
    -- Of several the rarest.
    cells.reasons[1] as reason,
    cells.reasons as reasons,
    cells.run as run,
    runs.run_id as run_id,
    runs.finished_at as recorded_at
from cells
inner join runs
    on cells.run = runs.run and cells.model = runs.model
