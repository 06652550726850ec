{{ config(order_by=['project_id', 'active_periods']) }}

select
    project_id,
    active_periods,
    persons
from {{ stickiness(period='week', where=var('default_where')) }}
