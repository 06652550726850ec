{{
    config(
        materialized='versioned',
        is_marked_at_once=true,
        keys=['id_hash', 'client_timestamp'],
        order_by=['project_id', 'identifier_key', 'occurred_at', 'event_id'],
        row_key=['lane', 'topic', 'generation', 'partition', 'offset', 'replay_seq'],
        gather=[['met', '{{ met_events() if is_incremental_build() }}']],
        dirty='select id_hash, client_timestamp from {{ working_table("met") }}',
    )
}}

{%- set suspects -%}
    {%- if is_incremental_build() -%}
    {{ events_met(working_table('met')) }}
    {%- else -%}
    (
        select * from {{ ref('stg_raw__events') }}
        where ({{ record_coordinates() }}) in (
            select {{ record_coordinates() }} from ({{ records_of_shared_times() }})
        )
    )
    {%- endif -%}
{%- endset %}

select *
from {{
    copies_among(
        suspects,
        columns=[
            id_hash() ~ ' as id_hash',
            'identifier_key',
            'occurred_at',
            'if(' ~ has_session('owner_key') ~ ', owner_key, 0) as session_owner',
        ],
    )
}}
