{#
    The records of a raw table that are a copy of another one: same project, id and client time as sent. Kept is the
    copy with the earliest `received_at`, then the smallest payload; coordinates decide only between equal bytes.

    Ids are hashed first, so that only the few records that may have a copy are sorted with their payloads.
#}
{% macro copies_of(relation) -%}
(
with

usable as (

    select
        payload,
        {{ envelope(['event_id', 'timestamp', 'received_at', 'project_id']) }} as envelope,
        {{ record_coordinates() }},
        cityHash64(envelope.event_id) as event_id_hash
    from {{ relation }}
    where error_class = ''

),

suspects as (

    select event_id_hash
    from usable
    group by event_id_hash
    having count() > 1

),

ranked as (

    select
        ifNull(nullIf(envelope.project_id, ''), 'default') as project_id,
        assumeNotNull(envelope.event_id) as event_id,
        fromUnixTimestamp64Milli(assumeNotNull({{ milliseconds('envelope.timestamp') }}), 'UTC') as client_timestamp,
        {{ record_coordinates() }},
        row_number() over (
            partition by project_id, event_id, client_timestamp
            order by {{ milliseconds("nullIf(envelope.received_at, '')") }} asc nulls last, payload, {{ record_coordinates() }}
        ) as place
    from usable
    where event_id_hash in (select suspects.event_id_hash from suspects)

)

select
    project_id,
    event_id,
    client_timestamp,
    {{ record_coordinates() }}
from ranked
where place > 1
)
{%- endmacro %}
