{# A view: who an event's person is, is looked up as it is read, so a merge of persons writes no events. #}
{{ config(materialized='view') }}

select

    ---------- ids
    project_id,
    event_id,
    device_id,
    user_id,
    distinct_id,
    identifier_key,
    {{ person_id_of_key() }} as person_id,
    session_id,
    client_session_id,

    ---------- what happened
    event,
    is_bot,
    bot_version,
    {{ planned_columns() }},
    {{ context_columns() }},
    properties,

    ---------- timestamps
    occurred_at,
    client_timestamp,
    received_at,
    loaded_at

from {{ ref('int_events_sessionized') }}
