{#
    When each record that a run has read was sent, in the order of that: a few bytes for each, in which the copies of a record are
    found without a look at all others, and mostly told without a look at the record that they are copies of. Its blocks are small, so that
    few times are unpacked for one. Nothing takes a row back, as a record stays where it has landed. It lies in `marts`, as readers of
    `events_live` read through to it.
#}
{{
    config(
        materialized='versioned',
        is_marked_at_once=true,
        schema='marts',
        appends=true,
        order_by=['client_timestamp', 'id_hash'],
        settings={'min_compress_block_size': 4096, 'max_compress_block_size': 8192},
    )
}}

select
    client_timestamp,
    {{ id_hash() }} as id_hash,
    {{ payload_hash() }} as payload_hash,
    {{ record_coordinates() }}
from {{ ref('stg_raw__event_keys') }}
where {{ new_records('events') }}
