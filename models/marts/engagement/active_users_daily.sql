{{ config(materialized='versioned', order_by=['project_id', 'period_start']) }}

select
    project_id,
    period_start,
    dau,
    wau,
    mau,
    stickiness
from {{ active_users(events=ref('int_active_days'), where='is_counted') }}
