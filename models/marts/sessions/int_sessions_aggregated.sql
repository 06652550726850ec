{# The sessions, with whose they are as an identifier and a time, which no merge of persons can change. #}
{% set session_date = 'toDate(session_start_at, ' ~ string_literal(var('timezone')) ~ ')' -%}
{{
    config(
        materialized='versioned',
        schema='marts',
        keys=['owner_key', 'session_id'],
        order_by=['project_id', 'owner_key', 'session_start_at', 'session_id'],
        partition_by='toYYYYMM(session_start_at)',
        dirty='{{ sessions_to_build() }}',
        restated={
            'mart': 'fct_sessions',
            'key': {'session_date': session_date},
            'period': [session_date, session_date ~ ' + 1'],
            'news': [session_date ~ ' - 1', 'toDate(session_end_at) + 2'],
            'measures': {'sessions': '1', 'events': 'event_count', 'duration_seconds': 'duration_seconds'},
        },
    )
}}
-- depends_on: {{ ref('session_id_map') }}

with

events as (

    select * from {{ ref('int_events_sessionized') }}
    where
        session_id != ''
        and {{ is_regrouped('owner_key') }}
        and {{ is_regrouped('owner_key, session_id') }}

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
        argMin(events.event_id, {{ place }}) as first_event_id,
        argMin(events.client_timestamp, {{ place }}) as first_client_timestamp,

        ---------- what happened
        argMin(events.event, {{ place }}) as first_event,
        argMax(events.event, {{ place }}) as last_event,
        argMinIf(events.page, {{ place }}, events.page != '') as entry_page,
        argMaxIf(events.page, {{ place }}, events.page != '') as exit_page,
        argMinIf(events.utm_source, {{ place }}, events.utm_source != '') as utm_source,
        argMinIf(events.utm_medium, {{ place }}, events.utm_medium != '') as utm_medium,
        argMinIf(events.utm_campaign, {{ place }}, events.utm_campaign != '') as utm_campaign,
        max(events.is_bot) as is_bot,
        {% set agent = planned_text('user_agent') -%}
        cityHash64(argMinIf({{ agent }}, {{ place }}, {{ agent }} != '')) as user_agent_key,

        ---------- what brought the visitor
        countIf(events.channel != 'direct') = 0 as is_direct,
        argMinIf(
            (events.channel, events.campaign_source, events.campaign_medium, events.campaign_name, events.occurred_at),
            {{ place }},
            events.channel != 'direct'
        ) as touch,

        ---------- measures
        count() as event_count,
        uniqExactIf(events.page, events.page != '') as page_count,
        event_count = 1 as is_bounce,
        dateDiff('millisecond', session_start_at, session_end_at) / 1000 as duration_seconds,
        {{ outcomes_of_events() }},

        ---------- timestamps
        min(occurred_at) as session_start_at,
        max(occurred_at) as session_end_at

    from events
    group by project_id, session_id

),

timeline as (

    select
        * except (person_at, touch),
        touch
    from sessions
    union all
    select * from {{ sessions_beside('sessions') }}

),

touched as (

    select
        *,
        argMaxIf(touch, (session_start_at, first_event_id), not is_direct) over (
            partition by owner_key
            order by session_start_at, first_event_id
            rows between unbounded preceding and current row
        ) as last_touch,
        last_touch.1 != ''
        and last_touch.5 >= session_start_at - toIntervalMillisecond({{ attribution_lookback() }}) as is_touched
    from timeline

)

select
    * except (touch, last_touch, is_touched),
    if(is_touched, last_touch.1, 'direct')::LowCardinality(String) as channel,
    if(is_touched, last_touch.2, '')::LowCardinality(String) as campaign_source,
    if(is_touched, last_touch.3, '')::LowCardinality(String) as campaign_medium,
    if(is_touched, last_touch.4, '')::LowCardinality(String) as campaign_name,
    if(is_touched, last_touch.5, null) as touched_at
from touched
where {{ is_dirty('owner_key, session_id') }}
