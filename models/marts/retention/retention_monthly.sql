{{
    config(
        materialized='versioned',
        order_by=['project_id', 'cohort_start', 'period_number'],
        restated={
            'key': {'cohort_start': 'cohort_start', 'period_number': 'period_number'},
            'period': ['cohort_start', 'addMonths(cohort_start, period_number + 1)'],
            'news': ['toDate(0)', 'addMonths(cohort_start, period_number + 1)'],
            'measures': ['cohort_size', 'returned', 'retention'],
        },
    )
}}

select
    project_id,
    cohort_start,
    cohort_label,
    period_number,
    cohort_size,
    returned,
    retention,
    is_complete
from {{ retention('*', '*', period='month', periods=13, events=ref('int_active_days'), where='is_counted') }}
