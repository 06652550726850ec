{#
    What most marts need of the facts, and a tenth of their size: on which local days an identifier was active. A day on
    which a device changes its owner has a row for each; `segment_at` is the start of the owner's interval, by which the
    person is looked up.
#}
{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['identifier_key', 'activity_date'],
        order_by=['project_id', 'identifier_key', 'activity_date', 'segment_at', 'is_counted'],
        row_key=['identifier_key', 'activity_date', 'segment_at', 'is_counted'],
        partition_by='toYYYYMM(activity_date)',
        gather=[
            ['changed', '{{ changed_active_events() }}'],
            ['recounted', '{{ identifier_days_to_recount() }}'],
        ],
        dirty='{{ identifier_days_that_changed() }}',
        closing='{{ is_of_dirty_day() }}',
    )
}}

with

events as (

    {{ events_of_identifier_days() }}

),

segments as (

    select
        device_key,
        valid_from
    from {{ ref('int_device_owners') }}
    where device_key in (
        select owners.device_key
        from {{ ref('int_device_owners') }} as owners
        group by owners.device_key
        having count() > 1
    )

),

placed as (

    select
        *,
        {{ beginning_of_time() }} as segment_at
    from events
    where identifier_key not in (select segments.device_key from segments)
    union all
    select
        events.*,
        segments.valid_from as segment_at
    from (
        select * from events
        where identifier_key in (select segments.device_key from segments)
    ) as events
    asof join segments
        on
            events.identifier_key = segments.device_key
            and events.occurred_at >= segments.valid_from

),

counted as (

    select
        project_id,
        identifier_key,
        activity_date,
        segment_at,
        is_counted,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at,
        count() as event_count
    from placed
    group by project_id, identifier_key, activity_date, segment_at, is_counted

)

{% if is_incremental_build() -%}
    select
        project_id,
        identifier_key,
        activity_date,
        segment_at,
        is_counted,
        min(days.first_at) as first_at,
        max(days.last_at) as last_at,
        sum(days.event_count) as event_count
    from (
        select * from counted
        union all
        {{ identifier_days_to_add_to() | indent(8) }}
    ) as days
    group by project_id, identifier_key, activity_date, segment_at, is_counted
{%- else -%}
    select * from counted
{%- endif %}
