{#
    The records of a staged stream that are a copy of another one: same project, id and client time as sent. Kept is the
    copy with the earliest `received_at`, then the smallest payload; coordinates decide only between equal bytes.

    Ids and client times are looked at first, so that only the few records that may have a copy are ranked with their payloads:
    the working tables `arrived` and `met`. `kept`, of their macros, is the model that holds the records that are no copies; it
    reads this one, so it is named and not referred to.
#}
{% macro copies_of(staged, stream) -%}
(
    with

    suspects as (

        {% if is_incremental_build() -%}
        select * from {{ staged }}
        where ({{ record_coordinates() }}) in (
            select {{ record_coordinates() }}
            from {{ working_table('arrived') }}
            where (event_id, client_timestamp) in (select event_id, client_timestamp from {{ working_table('dirty') }})
            union all
            select {{ record_coordinates() }}
            from {{ working_table('met') }}
            union all
            select {{ record_coordinates() }}
            from {{ data_of(this) }}
            where closed = 0 and {{ is_dirty('event_id, client_timestamp') }}
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

    )

    select * from {{ copies_among('suspects') }}
)
{%- endmacro %}


{# Those of some records, with more `columns` (SQL on theirs), where all records of an id and a time are among them. #}
{% macro copies_among(records, columns=[]) -%}
(
    select
        project_id,
        event_id,
        client_timestamp,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ record_coordinates() }}
    from (
        select
            *,
            row_number() over (
                partition by project_id, event_id, client_timestamp
                order by received_at asc nulls last, payload, {{ record_coordinates() }}
            ) as place
        from {{ records }}
    )
    where place > 1
)
{%- endmacro %}


{# The new records, by what can make one a copy of another. #}
{% macro arrived_records(staged, stream, kept) -%}
    {%- if is_incremental_build() -%}
        select event_id, client_timestamp, {{ record_coordinates() }}
        from {{ staged }}
        where {{ records_to_judge(stream, kept) }}
    {%- endif -%}
{%- endmacro %}


{# Those that stand and have the id and the time of a new one. Times are narrow, and say of nearly all rows of history that they are none of them. #}
{% macro met_records(kept) -%}
    {%- if is_incremental_build() -%}
        select event_id, client_timestamp, {{ record_coordinates() }}
        from {{ data_of(kept) }}
        prewhere closed = 0 and client_timestamp in (select client_timestamp from {{ working_table('arrived') }})
        where (event_id, client_timestamp) in (select event_id, client_timestamp from {{ working_table('arrived') }})
    {%- endif -%}
{%- endmacro %}


{# (event_id, client_timestamp) of the new records that are there more than once: the only ones that can have a copy. #}
{% macro suspects() -%}
    select event_id, client_timestamp
    from {{ working_table('arrived') }}
    group by event_id, client_timestamp
    having count() > 1
    union all
    select event_id, client_timestamp
    from {{ working_table('met') }}
{%- endmacro %}


{# The records that the model of kept ones has not read yet: it goes no further than this one had come when it was built. #}
{% macro records_to_judge(stream, kept) -%}
    {%- set state = build_state() -%}
    {{- return(records_between(stream, committed_run_of(this, committed_run_of(kept, state.run)), state.run)) -}}
{%- endmacro %}


{# A model that this one is built before, and still asks for what it held when the run began. #}
{% macro earlier_state_of(name, schema) -%}
    {{- return(api.Relation.create(schema=generate_schema_name(schema, none), identifier=name, type='view')) -}}
{%- endmacro %}
