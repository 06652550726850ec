{{
    config(
        materialized='versioned',
        order_by=['project_id', 'period_start'],
        restated={
            'key': {'period_start': 'period_start'},
            'period': ['period_start', 'addDays(period_start, 1)'],
            'news': ['addDays(period_start, -27)', 'addDays(period_start, 1)'],
            'measures': ['dau', 'wau', 'mau', 'stickiness'],
        },
    )
}}

select
    project_id,
    period_start,
    dau,
    wau,
    mau,
    stickiness
from {{ active_users(events=ref('int_active_days'), where='is_counted') }}
