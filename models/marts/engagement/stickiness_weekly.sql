{{ config(materialized='versioned', order_by=['project_id', 'active_periods']) }}

select
    project_id,
    active_periods,
    persons
from {{ stickiness(period='week', events=ref('int_active_days'), where='is_counted') }}
