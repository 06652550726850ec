{{
    config(
        materialized='versioned',
        order_by=['project_id', 'cohort_start', 'period_number'],
        restated={
            'key': {'cohort_start': 'cohort_start', 'period_number': 'period_number'},
            'period': ['cohort_start', 'addDays(cohort_start, period_number + 1)'],
            'news': ['toDate(0)', 'addDays(cohort_start, period_number + 1)'],
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
from {{ retention('*', '*', period='day', periods=31, events=ref('int_active_days'), where='is_counted') }}
