{# A view, as fct_events is: a merge of persons writes no sessions. #}
{{ config(materialized='view') }}

select

    ---------- ids
    project_id,
    session_id,
    {{ person_id_of_key('person_identifier_key', 'person_identified_at') }} as person_id,
    device_id,
    user_id,

    ---------- what happened
    first_event,
    last_event,
    entry_page,
    exit_page,
    utm_source,
    utm_medium,
    utm_campaign,
    is_bot,

    ---------- what brought the visitor
    channel,
    campaign_source,
    campaign_medium,
    campaign_name,
    is_direct,

    ---------- with what
    {{ user_agent_value('browser', 'user_agent_key') }} as browser,
    {{ user_agent_value('os', 'user_agent_key') }} as os,
    {{ user_agent_value('device_type', 'user_agent_key') }} as device_type,

    ---------- measures
    event_count,
    page_count,
    is_bounce,
    {{ outcome_columns() }},
    duration_seconds,

    ---------- timestamps
    session_start_at,
    session_end_at,
    touched_at

from {{ ref('int_sessions_aggregated') }}
