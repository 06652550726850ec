{{ config(materialized='versioned', order_by=['project_id', 'cohort_start', 'period_number']) }}

select
    project_id,
    cohort_start,
    cohort_label,
    period_number,
    cohort_size,
    returned,
    retention,
    is_complete
from {{ retention('*', '*', period='day', periods=31, events=ref('int_active_days'), where='is_counted') }}
