{#
    The ids and the times of `stg_raw__events` alone, for those who look for copies: of a record only these are parsed, and a query is
    planned in a tenth of the time.
#}
{{ config(materialized='view') }}

with

records as (

    select * from {{
        parsed_records('events', ['event_id', 'timestamp', 'sent_at', 'received_at', 'project_id', 'device_id', 'user_id'])
    }}

)

select

    ---------- ids
    {{ event_ids() }},

    ---------- timestamps
    {{ corrected_time('client_timestamp_ms', 'sent_ms', 'received_ms') }} as occurred_at,
    fromUnixTimestamp64Milli(assumeNotNull(client_timestamp_ms), 'UTC') as client_timestamp,
    fromUnixTimestamp64Milli(received_ms, 'UTC') as received_at,

    ---------- where it came from
    payload,
    {{ record_coordinates() }}

from records
