{#
    The usable records of raw, copies among them, as `int_events_sessionized` has events, flattened as they are read, and what their user
    agents say. Whoever reads marts may read them here and not in raw, so this view has the rights of who builds it, as `live_record_keys`
    has. The engine asks such a view by itself, with scalars of its own: what must be of one run, `events_live` asks around it.
#}
{{ config(materialized='view', sql_security='definer') }}

select
    *,
    {{ agent_columns(read_user_agent) }}
from (
    select
        {{ described_columns() }},
        {{ record_coordinates() }}
    from (
        select
            *,
            '' as session_id
        from {{ ref('stg_raw__events') }}
    )
)
