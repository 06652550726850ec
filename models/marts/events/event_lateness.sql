{#
    A late event touches a day of long ago, and quantiles cannot be added to: days with news are counted again, once a
    night.
#}
{{
    config(
        materialized='versioned',
        tags=['nightly'],
        keys=['occurred_date'],
        order_by=['project_id', 'topic', 'occurred_date', 'way_point'],
        dirty={'int_events_sessionized': 'toDate(occurred_at) as occurred_date'},
    )
}}
{% set way_points = {'received': 'received_at', 'kafka': 'kafka_timestamp', 'loaded': 'loaded_at'} -%}

with

events as (

    select
        project_id,
        topic,
        toDate(occurred_at) as occurred_date,
        {%- for way_point, column in way_points.items() %}
            dateDiff('millisecond', occurred_at, {{ column }}) / 1000 as {{ way_point }}_seconds,
        {%- endfor %}
        dateDiff('millisecond', client_timestamp, occurred_at) / 1000 as correction_seconds
    from {{ ref('int_events_sessionized') }}
    where {{ is_dirty('toDate(occurred_at)', 'occurred_date') }}

),

-- One look at the events for all way points.
days as (

    select
        project_id,
        topic,
        occurred_date,
        arrayJoin([
            {%- for way_point in way_points %}
                (
                    '{{ way_point }}',
                    count({{ way_point }}_seconds),
                    countIf({{ way_point }}_seconds > 60),
                    countIf({{ way_point }}_seconds > 3600),
                    countIf({{ way_point }}_seconds > 86400),
                    {{ quantiles([0.5, 0.95], way_point ~ '_seconds') }},
                    max({{ way_point }}_seconds),
                    countIf({{ way_point }}_seconds is not null and correction_seconds != 0),
                    maxIf(abs(correction_seconds), {{ way_point }}_seconds is not null)
                ){{ ',' if not loop.last }}
            {%- endfor %}
        ]) as reached
    from events
    group by project_id, topic, occurred_date

)

select
    project_id,
    topic,
    occurred_date,
    reached.1 as way_point,
    reached.2 as event_count,
    reached.3 / event_count as late_1m_share,
    reached.4 / event_count as late_1h_share,
    reached.5 / event_count as late_1d_share,
    reached.6[1] as p50_seconds,
    reached.6[2] as p95_seconds,
    assumeNotNull(reached.7) as max_seconds,
    reached.8 as corrected_count,
    assumeNotNull(reached.9) as max_correction_seconds
from days
where event_count > 0
