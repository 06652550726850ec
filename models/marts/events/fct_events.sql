{#
    An identifier's events lie side by side, which is what sessions, funnels and a look-up per person read. No partitions:
    late events would touch all of them, and a table that is built anew prunes nothing by them.
#}
{{ config(order_by=['project_id', 'identifier_key', 'occurred_at', 'event_id']) }}

with

events as (

    select * from {{ sessionize(ref('stg_raw__events'), gap=var('session_gap')) }}

)

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
    {{ is_bot('user_agent') }} as is_bot,
    {{ bot_version() }}::LowCardinality(String) as bot_version,
    {{ planned_columns() }},
    {{ context_columns() }},
    properties,

    ---------- timestamps
    occurred_at,
    client_timestamp,
    received_at,
    loaded_at

from events
