{{ config(order_by=['project_id', 'period_start']) }}

select
    project_id,
    period_start,
    dau,
    wau,
    mau,
    stickiness
from {{ active_users(where=var('default_where')) }}
