{{ config(order_by=['project_id', 'measure_name', 'event', 'period_start']) }}

{% for measure in ['total', 'persons', 'sessions'] -%}
    select
        project_id,
        period_start,
        breakdown as event,
        '{{ measure }}' as measure_name,
        value
    from {{ trends('*', measure=measure, breakdown='event', where=var('default_where')) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
