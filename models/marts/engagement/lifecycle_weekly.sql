{{
    config(
        materialized='versioned',
        order_by=['project_id', 'period_start', 'status'],
        restated={
            'key': {'period_start': 'period_start', 'status': 'status'},
            'period': ['period_start', 'addWeeks(period_start, 1)'],
            'news': ['toDate(0)', 'addWeeks(period_start, 1)'],
            'measures': ['persons'],
        },
    )
}}

select
    project_id,
    period_start,
    status,
    persons
from {{ lifecycle(period='week', events=ref('int_active_days'), where='is_counted') }}
