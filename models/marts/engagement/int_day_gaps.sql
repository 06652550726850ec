{# How many persons were active on one day and next on another: who is active, new or lost in a period follows. #}
{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['project_id', 'kind', 'previous_day', 'day'],
        order_by=['project_id', 'kind', 'previous_day', 'day'],
        gather=[['moved', '{{ moved_counts(gaps_of_persons, columns_of_gaps()) }}']],
        dirty='{{ counts_that_moved(columns_of_gaps()) }}',
        closing='{{ is_dirty(columns_of_gaps() | join(", ")) }}',
    )
}}

{{ day_counts(gaps_of_persons, columns_of_gaps()) }}
