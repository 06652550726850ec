{{
    config(
        materialized='versioned',
        order_by=['project_id', 'user_id', 'occurred_at', 'event_id'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        closing="{{ is_lost_record(ref('stg_raw__people_copies')) }}",
    )
}}

select * except (payload)
from {{ ref('stg_raw__people_records') }}
where
    {{ new_records('people', read_by=[ref('stg_raw__people_copies')]) }}
    and ({{ record_coordinates() }}) not in (
        select {{ record_coordinates() }} from {{ ref('stg_raw__people_copies') }}
    )
