{{
    config(
        materialized='versioned',
        is_marked_at_once=true,
        keys=['id_hash', 'client_timestamp'],
        order_by=['project_id', 'identifier_key', 'occurred_at', 'event_id'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        gather=[['met', '{{ met_events() }}']],
        dirty='select id_hash, client_timestamp from {{ working_table("met") }}',
    )
}}

select *
from {{
    copies_among(
        events_met(prepared('met', met_events())),
        columns=[
            id_hash() ~ ' as id_hash',
            'identifier_key',
            'occurred_at',
            'if(' ~ has_session('owner_key') ~ ', owner_key, 0) as session_owner',
        ],
    )
}}
