{{ config(materialized='versioned', order_by=['project_id', 'period_start', 'status']) }}

select
    project_id,
    period_start,
    status,
    persons
from {{ lifecycle(period='week', events=ref('int_active_days'), where='is_counted') }}
