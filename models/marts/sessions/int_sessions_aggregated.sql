{# The sessions, with whose they are as an identifier and a time, which no merge of persons can change. #}
{% set session_date = 'toDate(session_start_at, ' ~ string_literal(var('timezone')) ~ ')' -%}
{{
    config(
        materialized='versioned',
        schema='marts',
        keys=['owner_key', 'session_id'],
        order_by=['project_id', 'owner_key', 'session_start_at', 'session_id'],
        partition_by='toYYYYMM(session_start_at)',
        dirty={'int_events_sessionized': ['owner_key, session_id', "session_id != ''"]},
        restated={
            'mart': 'fct_sessions',
            'key': {'session_date': session_date},
            'period': [session_date, session_date ~ ' + 1'],
            'news': [session_date ~ ' - 1', 'toDate(session_end_at) + 2'],
            'measures': {'sessions': '1', 'events': 'event_count', 'duration_seconds': 'duration_seconds'},
        },
    )
}}

with

events as (

    select * from {{ ref('int_events_sessionized') }}
    where
        session_id != ''
        and {{ is_dirty('owner_key') }}
        and {{ is_dirty('owner_key, session_id') }}

),

sessions as (

    {#- The client's own time tells two events of one id apart, wherever they landed. -#}
    {% set place = '(events.occurred_at, events.event_id, events.client_timestamp)' -%}
    select

        ---------- ids
        project_id,
        session_id,
        any(owner_key) as owner_key,
        -- Whoever logs in was there from the first event on.
        argMin((events.identifier_key, events.occurred_at), (events.user_id = '', {{ place }})) as person_at,
        person_at.1 as person_identifier_key,
        person_at.2 as person_identified_at,
        argMin(events.device_id, {{ place }}) as device_id,
        argMinIf(events.user_id, {{ place }}, events.user_id != '') as user_id,

        ---------- what happened
        argMin(events.event, {{ place }}) as first_event,
        argMax(events.event, {{ place }}) as last_event,
        argMinIf(events.page, {{ place }}, events.page != '') as entry_page,
        argMaxIf(events.page, {{ place }}, events.page != '') as exit_page,
        argMinIf(events.utm_source, {{ place }}, events.utm_source != '') as utm_source,
        argMinIf(events.utm_medium, {{ place }}, events.utm_medium != '') as utm_medium,
        argMinIf(events.utm_campaign, {{ place }}, events.utm_campaign != '') as utm_campaign,
        max(events.is_bot) as is_bot,

        ---------- measures
        count() as event_count,
        uniqExactIf(events.page, events.page != '') as page_count,
        event_count = 1 as is_bounce,
        dateDiff('millisecond', session_start_at, session_end_at) / 1000 as duration_seconds,

        ---------- timestamps
        min(occurred_at) as session_start_at,
        max(occurred_at) as session_end_at

    from events
    group by project_id, session_id

)

select * except (person_at) from sessions
