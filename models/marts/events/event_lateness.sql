{# A late event touches a day of long ago, and quantiles cannot be added to: counted once a night. #}
{{ config(materialized='versioned', tags=['nightly'], order_by=['project_id', 'topic', 'occurred_date', 'way_point']) }}

with

events as (

    select
        project_id,
        topic,
        toDate(occurred_at) as occurred_date,
        dateDiff('millisecond', client_timestamp, occurred_at) / 1000 as correction_seconds,
        arrayJoin([
            ('received', received_at),
            ('kafka', toNullable(kafka_timestamp)),
            ('loaded', toNullable(loaded_at))
        ]) as reached,
        dateDiff('millisecond', occurred_at, reached.2) / 1000 as seconds
    from {{ ref('int_events_sessionized') }}

)

select
    project_id,
    topic,
    occurred_date,
    reached.1 as way_point,
    count() as event_count,
    countIf(seconds > 60) / event_count as late_1m_share,
    countIf(seconds > 3600) / event_count as late_1h_share,
    countIf(seconds > 86400) / event_count as late_1d_share,
    {{ quantile(0.5, 'assumeNotNull(seconds)') }} as p50_seconds,
    {{ quantile(0.95, 'assumeNotNull(seconds)') }} as p95_seconds,
    max(assumeNotNull(seconds)) as max_seconds,
    countIf(correction_seconds != 0) as corrected_count,
    max(abs(correction_seconds)) as max_correction_seconds
from events
where seconds is not null
group by project_id, topic, occurred_date, way_point
