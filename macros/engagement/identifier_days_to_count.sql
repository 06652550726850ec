{# The days with new or lost events, and all days of a device whose owners changed. #}
{% macro identifier_days_to_count() -%}
    select
        identifier_key,
        toDate(occurred_at, {{ string_literal(var('timezone')) }}) as activity_date
    from {{ changes_of(ref('int_events_sessionized')) }}
    where distinct_id != ''
    union all
    select
        identifier_key,
        activity_date
    from {{ data_of(this) }}
    where
        closed = 0
        and identifier_key in (select device_key from {{ changes_of(ref('int_device_owners')) }} where change != 0)
{%- endmacro %}
