{{ config(materialized='view') }}

with

records as (

    select * from {{
        parsed_records(
            'people', ['event_id', 'type', 'timestamp', 'sent_at', 'received_at', 'project_id', 'user_id']
        )
    }}

),

renamed as (

    select

        ---------- ids
        if(envelope.project_id != '', envelope.project_id, 'default') as project_id,
        envelope.event_id as event_id,
        {{ someone('envelope.user_id') }} as user_id,
        {{ guarded_nodes([('u', 'envelope.user_id', 'user_id')]) }} as guarded_nodes,

        ---------- what happened
        envelope.type::LowCardinality(String) as type,
        -- Text, as every message is folded with its person's others before it means anything.
        JSONExtractRaw(payload, 'properties') as properties,

        ---------- timestamps
        {{ corrected_time('client_timestamp_ms', 'sent_ms', 'received_ms') }} as occurred_at,
        fromUnixTimestamp64Milli(assumeNotNull(client_timestamp_ms), 'UTC') as client_timestamp,
        fromUnixTimestamp64Milli(received_ms, 'UTC') as received_at,
        loaded_at,

        ---------- where it came from
        payload,
        {{ record_coordinates() }}

    from records

)

select * from renamed
