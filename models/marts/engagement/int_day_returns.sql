{# How many persons whose first day was one were active on another: from this follows the retention of any period. #}
{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['project_id', 'first_day', 'day', 'begins_week', 'begins_month', 'begins_quarter', 'begins_year'],
        order_by=['project_id', 'first_day', 'day', 'begins_week', 'begins_month', 'begins_quarter', 'begins_year'],
        gather=[['moved', '{{ moved_counts(returns_of_persons, columns_of_returns()) }}']],
        dirty='{{ counts_that_moved(columns_of_returns()) }}',
        closing='{{ is_dirty(columns_of_returns() | join(", ")) }}',
    )
}}

{{ day_counts(returns_of_persons, columns_of_returns()) }}
