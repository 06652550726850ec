{# The sessions, with whose they are as an identifier and a time, which no merge of persons can change. #}
{% set session_date = 'toDate(session_start_at, ' ~ string_literal(var('timezone')) ~ ')' -%}
{# What is kept of each event. The client's own time tells two of one id apart, wherever they landed. #}
{% set agent, page = planned_text('user_agent'), page_of_event() -%}
{% set columns = [
    'occurred_at', 'event_id', 'client_timestamp', 'device_id', 'user_id', 'identifier_key', 'event', 'page_host', page,
    'channel', 'campaign_source', 'campaign_medium', 'campaign_name', agent,
] -%}
{{
    config(
        materialized='versioned',
        schema='marts',
        keys=['owner_key', 'session_id'],
        order_by=['project_id', 'owner_key', 'session_start_at', 'session_id'],
        row_key=['owner_key', 'session_start_at', 'session_id'],
        partition_by='toYYYYMM(session_start_at)',
        gather=[['regrouped', '{{ regrouped_sessions() }}']],
        dirty='{{ sessions_to_build() }}',
        prepare=[
            ['days', '{{ days_of_regrouped_sessions() }}'],
            ['histories', '{{ session_histories(' ~ columns | tojson ~ ') }}'],
        ],
        closing='{{ is_made_anew() }}',
        query_settings={'max_bytes_before_external_sort': 1000000000},
        told_by=['session_id_map'],
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

{% set at = {} -%}
{% for column in columns %}{% do at.update({column: loop.index}) %}{% endfor -%}

with

sessions as (

    select

        ---------- ids
        project_id,
        session_id,
        owner_key,
        -- Whoever logs in was there from the first event on.
        {{ first_event_with(at.user_id) }} as user_event,
        if(user_event.{{ at.user_id }} != '', user_event, history[1]) as person_event,
        person_event.{{ at.identifier_key }} as person_identifier_key,
        person_event.{{ at.occurred_at }} as person_identified_at,
        history[1].{{ at.device_id }} as device_id,
        user_event.{{ at.user_id }} as user_id,
        history[1].{{ at.event_id }} as first_event_id,
        history[1].{{ at.client_timestamp }} as first_client_timestamp,

        ---------- what happened
        history[1].{{ at.event }} as first_event,
        history[-1].{{ at.event }} as last_event,
        {{ first_event_with(at[page]) }}.{{ at[page] }} as entry_page,
        arrayLast(event -> event.{{ at[page] }} != '', history).{{ at[page] }} as exit_page,
        {{ first_event_with(at.campaign_source) }}.{{ at.campaign_source }} as utm_source,
        {{ first_event_with(at.campaign_medium) }}.{{ at.campaign_medium }} as utm_medium,
        {{ first_event_with(at.campaign_name) }}.{{ at.campaign_name }} as utm_campaign,
        is_bot,
        cityHash64({{ first_event_with(at[agent]) }}.{{ at[agent] }}) as user_agent_key,
        if(
            arrayUniq(history.{{ at.occurred_at }}) < length(history),
            arraySort(arrayDistinct(history.{{ at.identifier_key }})),
            []
        ) as simultaneous_keys,

        ---------- what brought the visitor
        arrayFirst(event -> event.{{ at.channel }} != 'direct', history) as touch_event,
        touch_event.{{ at.channel }} = '' as is_direct,
        (
            touch_event.{{ at.channel }},
            touch_event.{{ at.campaign_source }},
            touch_event.{{ at.campaign_medium }},
            touch_event.{{ at.campaign_name }},
            touch_event.{{ at.occurred_at }}
        ) as touch,

        ---------- measures
        length(history) as event_count,
        length(arrayDistinct(arrayMap(
            event -> (event.{{ at.page_host }}, event.{{ at[page] }}),
            arrayFilter(event -> event.{{ at[page] }} != '', history)
        ))) as page_count,
        event_count = 1 as is_bounce,
        dateDiff('millisecond', session_start_at, session_end_at) / 1000 as duration_seconds,
        {{ outcomes_of_events('history.' ~ at.event) }},

        ---------- timestamps
        history[1].{{ at.occurred_at }} as session_start_at,
        history[-1].{{ at.occurred_at }} as session_end_at

    from {{ prepared('histories', session_histories(columns)) }}

),

timeline as (

    select
        * except (user_event, person_event, touch_event, touch),
        touch,
        true as is_made
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
        and last_touch.5 >= session_start_at - toIntervalMillisecond({{ attribution_lookback() }}) as is_touched,
        if(is_touched, last_touch, ('direct', '', '', '', {{ beginning_of_time() }})) as attribution
    from timeline

)

select
    * except (touch, last_touch, is_touched, attribution, is_made),
    attribution.1::LowCardinality(String) as channel,
    attribution.2::LowCardinality(String) as campaign_source,
    attribution.3::LowCardinality(String) as campaign_medium,
    attribution.4::LowCardinality(String) as campaign_name,
    if(is_touched, attribution.5, null) as touched_at
from touched
-- Of those that stood only what they took from earlier ones can have changed.
where is_made or (is_direct and attribution != touch)
