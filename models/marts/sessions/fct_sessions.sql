{{ config(order_by=['project_id', 'person_id', 'session_start_at', 'session_id']) }}

with

events as (

    select * from {{ ref('fct_events') }} where session_id != ''

),

sessions as (

    {% set place = '(occurred_at, event_id)' -%}
    select

        ---------- ids
        project_id,
        session_id,
        -- Whoever logs in was there from the first event on.
        if(
            countIf(user_id != '') > 0, argMinIf(person_id, {{ place }}, user_id != ''), argMin(person_id, {{ place }})
        ) as person_id,
        argMin(device_id, {{ place }}) as device_id,
        argMinIf(user_id, {{ place }}, user_id != '') as user_id,

        ---------- what happened
        argMin(event, {{ place }}) as first_event,
        argMax(event, {{ place }}) as last_event,
        argMinIf(page, {{ place }}, page != '') as entry_page,
        argMaxIf(page, {{ place }}, page != '') as exit_page,
        argMinIf(utm_source, {{ place }}, utm_source != '') as utm_source,
        argMinIf(utm_medium, {{ place }}, utm_medium != '') as utm_medium,
        argMinIf(utm_campaign, {{ place }}, utm_campaign != '') as utm_campaign,
        max(is_bot) as is_bot,

        ---------- measures
        count() as event_count,
        uniqExactIf(page, page != '') as page_count,
        event_count = 1 as is_bounce,
        dateDiff('millisecond', session_start_at, session_end_at) / 1000 as duration_seconds,

        ---------- timestamps
        min(occurred_at) as session_start_at,
        max(occurred_at) as session_end_at

    from events
    group by project_id, session_id

)

select * from sessions
