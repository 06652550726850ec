{{ config(materialized='versioned', order_by=['project_id', 'breakdown', 'step_number']) }}

select *
from {{ funnel(
    steps=['view_item', 'add_to_cart', 'begin_checkout', 'purchase'],
    window='7 days',
    where=var('default_where'),
) }}
