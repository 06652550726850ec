{{
    config(
        materialized='versioned',
        built_before='stg_raw__identities',
        keys=['event_id', 'client_timestamp'],
        order_by=['project_id', 'event_id', 'client_timestamp'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        gather=[
            [
                'arrived',
                """
                    {{ arrived_records(ref('stg_raw__identity_records'), 'identities', earlier_state_of('stg_raw__identities', 'staging')) }}
                """,
            ],
            ['met', "{{ met_records(earlier_state_of('stg_raw__identities', 'staging')) }}"],
        ],
        dirty='{{ suspects() }}',
    )
}}

select *
from {{ copies_of(ref('stg_raw__identity_records'), 'identities') }}
