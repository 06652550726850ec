{{ config(meta={'dagster': {'ref': {'name': 'retention_weekly'}}}) }}
-- Nobody returns who is not in the cohort, and the whole cohort is there in its own period.
{% for model in ['retention_daily', 'retention_weekly', 'retention_monthly'] -%}
    select
        '{{ model }}' as model_name,
        cohort_start,
        period_number,
        cohort_size,
        returned,
        retention
    from {{ ref(model) }}
    where
        returned > cohort_size
        or not coalesce(retention, 0) between 0 and 1
        or (period_number = 0 and returned != cohort_size)
    {{ 'union all' if not loop.last }}
{% endfor %}
