{{ config(materialized='versioned', order_by=['project_id', 'measure_name', 'event', 'period_start']) }}

select
    project_id,
    period_start,
    breakdown as event,
    measure as measure_name,
    value
from {{ trends('*', measure=['total', 'persons', 'sessions'], breakdown='event', where=var('default_where')) }}
