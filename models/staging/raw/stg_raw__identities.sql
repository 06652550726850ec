{{
    config(
        materialized='versioned',
        order_by=['project_id', 'occurred_at', 'event_id'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        closing="{{ is_lost_record(ref('stg_raw__identity_copies')) }}",
    )
}}

select
    * except (payload),
    {{ device_key() }} as device_key,
    {{ device_key('previous_device_id') }} as previous_device_key,
    {{ identifier_key("'user'", 'user_id') }} as user_key,
    {{ identifier_key("'user'", 'previous_id') }} as previous_user_key
from {{ ref('stg_raw__identity_records') }}
where
    {{ new_records('identities', read_by=[ref('stg_raw__identity_copies')]) }}
    and ({{ record_coordinates() }}) not in (
        select {{ record_coordinates() }} from {{ ref('stg_raw__identity_copies') }}
    )
