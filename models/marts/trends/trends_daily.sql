{# An event beside midnight joins or splits sessions of the day before or after: its news reaches a day each way. #}
{{
    config(
        materialized='versioned',
        order_by=['project_id', 'measure_name', 'event', 'period_start'],
        restated={
            'key': {'measure_name': 'measure_name', 'event': 'event', 'period_start': 'period_start'},
            'period': ['period_start', 'addDays(period_start, 1)'],
            'news': ['addDays(period_start, -1)', 'addDays(period_start, 2)'],
            'measures': ['value'],
        },
        prepare=[
            ['changed', '{{ changed_events() }}'],
            ['touched', '{{ touched_days() }}'],
            ['looked_at', '{{ days_to_look_at() }}'],
        ],
    )
}}

select
    project_id,
    period_start,
    breakdown as event,
    measure as measure_name,
    value
from {{ daily_trends(['total', 'persons', 'sessions']) }}
