{{
    config(
        materialized='versioned',
        built_before='int_events_sessionized',
        keys=['event_id'],
        order_by=['project_id', 'identifier_key', 'occurred_at', 'event_id'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        dirty="{{ suspect_ids(ref('stg_raw__events'), 'events', earlier_state_of('int_events_sessionized', 'marts')) }}",
    )
}}

select *
from {{
    copies_of(
        ref('stg_raw__events'),
        'events',
        kept=earlier_state_of('int_events_sessionized', 'marts'),
        columns=['identifier_key', 'occurred_at'],
    )
}}
