{{
    config(
        materialized='versioned',
        built_before='stg_raw__people',
        keys=['event_id', 'client_timestamp'],
        order_by=['project_id', 'event_id', 'client_timestamp'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        gather=[
            [
                'arrived',
                """
                    {{ arrived_records(ref('stg_raw__people_records'), 'people', earlier_state_of('stg_raw__people', 'staging')) }}
                """,
            ],
            ['met', "{{ met_records(earlier_state_of('stg_raw__people', 'staging')) }}"],
        ],
        dirty='{{ suspects() }}',
    )
}}

select *
from {{ copies_of(ref('stg_raw__people_records'), 'people') }}
