{{ config(order_by=['project_id', 'step_number']) }}

{{ funnel(
    steps=['view_item', 'add_to_cart', 'begin_checkout', 'purchase'],
    window='7 days',
    where=var('default_where'),
) }}
