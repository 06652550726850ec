{# The columns of `fct_events`, of rows as `int_events_sessionized` has them. #}
{% macro event_columns(person_id, agent_value=user_agent_value) -%}

    ---------- ids
    project_id,
    event_id,
    device_id,
    user_id,
    distinct_id,
    identifier_key,
    {{ person_id }} as person_id,
    session_id,
    client_session_id,

    ---------- what happened
    event,
    is_bot,
    bot_version,
    {{ planned_columns() }},
    {{ context_columns(agent_value) }},
    properties,

    ---------- timestamps
    occurred_at,
    client_timestamp,
    received_at,
    loaded_at
{%- endmacro %}


{# What `int_events_sessionized` makes of a staged event, beside its session and its coordinates. #}
{% macro described_columns() -%}

    ---------- ids
    project_id,
    event_id,
    device_id,
    user_id,
    distinct_id,
    identifier_key,
    owner_key,
    session_id,
    client_session_id,
    guarded_nodes,

    ---------- what happened
    event,
    {{ is_bot(planned_text('user_agent')) }} as is_bot,
    {{ bot_version() }}::LowCardinality(String) as bot_version,
    {{ planned_columns() }},
    {{ context_value_columns() }},
    properties,

    ---------- timestamps
    occurred_at,
    client_timestamp,
    received_at,
    kafka_timestamp,
    loaded_at
{%- endmacro %}
