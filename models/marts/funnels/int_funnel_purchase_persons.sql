{#
    The paths that `funnel_purchase` counts. A batch builds anew those of persons with another step; where few steps lead to a purchase,
    most of its rows stay what they are.
#}
{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['person_id'],
        order_by=['project_id', 'person_id', 'breakdown'],
        definition=purchase_funnel(),
        dirty='{{ persons_with_other_steps(purchase_funnel()) }}',
    )
}}

select *
from {{ kept_funnel(purchase_funnel()) }}
where {{ is_dirty('person_id') }}
