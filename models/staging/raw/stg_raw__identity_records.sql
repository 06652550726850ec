{{ config(materialized='view') }}

with

records as (

    select * from {{
        parsed_records(
            'identities',
            ['event_id', 'type', 'timestamp', 'sent_at', 'received_at', 'project_id', 'device_id', 'previous_device_id',
             'user_id', 'previous_id'],
        )
    }}

),

renamed as (

    select

        ---------- ids
        if(envelope.project_id != '', envelope.project_id, 'default') as project_id,
        envelope.event_id as event_id,
        {{ someone('envelope.device_id') }} as device_id,
        {{ someone('envelope.previous_device_id') }} as previous_device_id,
        {{ someone('envelope.user_id') }} as user_id,
        {{ someone('envelope.previous_id') }} as previous_id,
        {{
            guarded_nodes([
                ('u', 'envelope.user_id', 'user_id'),
                ('u', 'envelope.previous_id', 'previous_id'),
                ('d', 'envelope.device_id', 'device_id'),
                ('d', 'envelope.previous_device_id', 'previous_device_id'),
            ])
        }} as guarded_nodes,

        ---------- what happened
        envelope.type::LowCardinality(String) as type,

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
