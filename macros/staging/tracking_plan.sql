{# Made by `throughline plan sync` of seeds/tracking_plan.csv: change it there. #}
{% macro tracking_plan() -%}
    {{- return({
        'properties': [
            {'property': "page", 'column': 'page', 'type': "String"},
            {'property': "item_id", 'column': 'item_id', 'type': "String"},
            {'property': "value", 'column': 'value', 'type': "Nullable(Float64)"},
            {'property': "currency", 'column': 'currency', 'type': "LowCardinality(String)"},
            {'property': "order_id", 'column': 'order_id', 'type': "String"},
            {'property': "url", 'column': 'url', 'type': "String"},
            {'property': "referrer", 'column': 'referrer', 'type': "String"},
            {'property': "utm_source", 'column': 'utm_source', 'type': "LowCardinality(String)"},
            {'property': "utm_medium", 'column': 'utm_medium', 'type': "LowCardinality(String)"},
            {'property': "utm_campaign", 'column': 'utm_campaign', 'type': "LowCardinality(String)"},
            {'property': "utm_term", 'column': 'utm_term', 'type': "LowCardinality(String)"},
            {'property': "utm_content", 'column': 'utm_content', 'type': "LowCardinality(String)"},
            {'property': "user_agent", 'column': 'user_agent', 'type': "String"},
        ],
        'renamed_events': {
        },
        'conversions': {
            "purchase": 'has_purchase',
            "sign_up": 'has_sign_up',
        },
    }) -}}
{%- endmacro %}
