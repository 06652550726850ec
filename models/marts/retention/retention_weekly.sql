{{ config(order_by=['project_id', 'cohort_start', 'period_number']) }}

select
    project_id,
    cohort_start,
    cohort_label,
    period_number,
    cohort_size,
    returned,
    retention,
    is_complete
from {{ retention('*', '*', period='week', periods=13, where=var('default_where')) }}
