{# The way from an item's page to its purchase. #}
{% macro purchase_funnel() -%}
    {{- return({
        'steps': ['view_item', 'add_to_cart', 'begin_checkout', 'purchase'],
        'window': '7 days',
        'where': var('default_where'),
    }) -}}
{%- endmacro %}
