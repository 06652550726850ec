{# What lies beyond the last run, copies among it, flattened as it is read. #}
{{ config(materialized='view', sql_security='definer') }}

with

{{ read_state() }} as read_state

select
    {{ event_columns(live_person_id(), read_user_agent) }},

    ---------- where it came from
    {{ record_coordinates() }}
from (
    select
        {{ described_columns() }},
        {{ record_coordinates() }}
    from (
        select
            *,
            '' as session_id
        from {{ tail_events(ref('stg_raw__events')) }}
    )
)
