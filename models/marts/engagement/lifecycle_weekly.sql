{{ config(order_by=['project_id', 'period_start', 'status']) }}

select
    project_id,
    period_start,
    status,
    persons
from {{ lifecycle(period='week', where=var('default_where')) }}
