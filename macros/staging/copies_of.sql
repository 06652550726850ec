{#
    The records of a staged stream that are a copy of another one: same project, id and client time as sent. Kept is the
    copy with the earliest `received_at`, then the smallest payload; coordinates decide only between equal bytes.

    Ids are looked at first, so that only the few records that may have a copy are ranked with their payloads. `kept` is
    the model that holds the records that are no copies; it reads this one, so it is named and not referred to.
#}
{% macro copies_of(staged, stream, kept, columns=[]) -%}
(
with

suspects as (

    {% if is_incremental_build() -%}
    select * from {{ staged }}
    where
        event_id in (select event_id from {{ working_table('dirty') }})
        and (
            {{ records_to_judge(stream, kept) }}
            or ({{ record_coordinates() }}) in (
                select {{ record_coordinates() }}
                from {{ data_of(kept) }}
                where closed = 0 and event_id in (select event_id from {{ working_table('dirty') }})
                union all
                select {{ record_coordinates() }}
                from {{ data_of(this) }}
                where closed = 0 and event_id in (select event_id from {{ working_table('dirty') }})
            )
        )
    {%- else -%}
    select * from {{ staged }}
    where
        {{ new_records(stream) }}
        and cityHash64(event_id) in (
            select cityHash64(event_id) as event_id_hash
            from {{ staged }}
            where {{ new_records(stream) }}
            group by event_id_hash
            having count() > 1
        )
    {%- endif %}

),

ranked as (

    select
        *,
        row_number() over (
            partition by project_id, event_id, client_timestamp
            order by received_at asc nulls last, payload, {{ record_coordinates() }}
        ) as place
    from suspects

)

select
    project_id,
    event_id,
    client_timestamp,
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {{ record_coordinates() }}
from ranked
where place > 1
)
{%- endmacro %}


{# The ids among the new records that are there more than once: the only ones that can have a copy. #}
{% macro suspect_ids(staged, stream, kept) -%}
    with

    arrived as (

        select event_id from {{ staged }}
        where {{ records_to_judge(stream, kept) }}

    )

    select event_id
    from arrived
    group by event_id
    having count() > 1
    union all
    select event_id
    from {{ data_of(kept) }}
    where closed = 0 and cityHash64(event_id) in (select cityHash64(arrived.event_id) from arrived)
{%- endmacro %}


{# The records that the model of kept ones has not read yet. #}
{% macro records_to_judge(stream, kept) -%}
    {%- set state = build_state() -%}
    {{- return(records_between(stream, last_run_of(kept, 0), state.run)) -}}
{%- endmacro %}


{# A model that this one is built before, and still asks for what it held when the run began. #}
{% macro earlier_state_of(name, schema) -%}
    {{- return(api.Relation.create(schema=generate_schema_name(schema, none), identifier=name, type='view')) -}}
{%- endmacro %}
