{{
    config(
        materialized='versioned',
        order_by=['project_id', 'occurred_at', 'event_id'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        prepare=[['closing', "{{ lost_records(ref('stg_raw__identity_copies')) }}"]],
    )
}}

select * except (payload)
from {{ ref('stg_raw__identity_records') }}
where
    {{ new_records('identities', read_by=ref('stg_raw__identity_copies')) }}
    and ({{ record_coordinates() }}) not in (
        select {{ record_coordinates() }} from {{ ref('stg_raw__identity_copies') }}
    )
