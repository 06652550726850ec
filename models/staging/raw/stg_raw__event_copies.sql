{{
    config(
        materialized='versioned',
        built_before='int_events_sessionized',
        keys=['event_id', 'client_timestamp'],
        order_by=['project_id', 'identifier_key', 'occurred_at', 'event_id'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        gather=[
            [
                'arrived',
                """
                    {{ arrived_records(ref('stg_raw__events'), 'events', earlier_state_of('int_events_sessionized', 'marts')) }}
                """,
            ],
            ['met', "{{ met_records(earlier_state_of('int_events_sessionized', 'marts'), has_client_dates=true) }}"],
        ],
        dirty='{{ suspects() }}',
    )
}}

select *
from {{
    copies_of(
        ref('stg_raw__events'),
        'events',
        columns=['identifier_key', 'occurred_at', 'if(' ~ has_session('owner_key') ~ ', owner_key, 0) as session_owner'],
    )
}}
