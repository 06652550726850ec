{{ config(order_by=['project_id', 'measure', 'event', 'period_start']) }}

{% set measures = ['total', 'persons', 'sessions'] -%}

{% for measure in measures -%}
select
    project_id,
    period_start,
    breakdown as event,
    '{{ measure }}' as measure,
    assumeNotNull(value) as value
from {{ trends('*', measure=measure, breakdown='event', where=var('default_where')) }}
{{ 'union all' if not loop.last }}
{% endfor %}
