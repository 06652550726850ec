{{ config(materialized='versioned', order_by=['project_id', 'funnel', 'breakdown', 'step_number']) }}

select *
from {{ united_funnels([
    ref('funnel_purchase'),
]) }}
