{#
    No event has a value of its property in the planned type and an empty column: every row was flattened by the plan as it
    stands. Asked of some rows of any age, as all would cost a scan per column, and once a night, as a plan may have hundreds.
#}
{% test fits_the_plan(model, column_name, rows=100000) %}
{{ config(tags=['nightly']) }}

{%- set plans = planned_properties() | selectattr('column', 'equalto', column_name) | list %}
select
    count() as row_count,
    countIf({{ is_lost(plans[0], 'properties') if plans else '0' }}) as lost_count
from (
    select
        {{ column_name }},
        properties
    from {{ model }}
    limit {{ rows }}
)
having lost_count > 0

{% endtest %}
