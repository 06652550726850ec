{#
    A view, so that an event is stored once: `int_events_sessionized` reads what is new of it and keeps it. It says itself how JSON is
    read, so that `events_live` reads it so too.
#}
{{ config(materialized='view') }}

with

records as (

    select * from {{
        parsed_records(
            'events',
            ['event_id', 'event', 'timestamp', 'sent_at', 'received_at', 'project_id', 'device_id', 'user_id', 'session_id'],
            more=[planned_members()],
            columns=['kafka_timestamp'],
            payload=stepped_payload(),
        )
    }}

),

renamed as (

    select

        ---------- ids
        {{ event_ids() }},
        {{ owner_key() }} as owner_key,
        envelope.session_id as client_session_id,
        {{
            guarded_nodes([
                ('u', 'envelope.user_id', 'user_id'),
                ('d', 'envelope.device_id', 'device_id'),
            ])
        }} as guarded_nodes,

        ---------- what happened
        {{ planned_event('envelope.event') }}::LowCardinality(String) as event,
        {{ planned_values('envelope.properties') }},
        {{ context_values() }},
        {{ json_object("JSONExtractRaw(payload, 'properties')") }} as properties,

        ---------- timestamps
        {{ corrected_time('client_timestamp_ms', 'sent_ms', 'received_ms') }} as occurred_at,
        fromUnixTimestamp64Milli(assumeNotNull(client_timestamp_ms), 'UTC') as client_timestamp,
        fromUnixTimestamp64Milli(received_ms, 'UTC') as received_at,
        kafka_timestamp,
        loaded_at,

        ---------- where it came from
        payload,
        {{ record_coordinates() }}

    from records

)

select * from renamed
settings {{ setting_list(json_settings()) }}
