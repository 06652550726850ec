{{ config(materialized='versioned', order_by=['project_id', 'step_number', 'source', 'target']) }}

select
    project_id,
    step_number,
    source,
    target,
    transitions,
    persons,
    median_seconds,
    source_node,
    target_node
from {{ paths(top=200, where=var('default_where'), kept_by='int_paths_session_persons') }}
