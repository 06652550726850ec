{{ config(materialized='versioned', order_by=['project_id', 'breakdown', 'step_number']) }}

select *
from {{ funnel(kept_by='int_funnel_purchase_persons', **purchase_funnel()) }}
