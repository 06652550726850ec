{#
    The event records of one client time and hash of the id, where at least one of them is new: the only ones that can be new copies. A row
    for all those of the same bytes: client_timestamp, id_hash, the coordinates of the one that is to be read, and `alike`, those of all of
    them. The newest is read, as it lies among others that have just landed. The order of `stg_raw__event_times` answers it.
#}
{% macro met_events() -%}
    select
        client_timestamp,
        id_hash,
        {{ coordinates_of('newest') }},
        alike
    from (
        select
            client_timestamp,
            id_hash,
            argMax(({{ record_coordinates() }}), (replay_seq, generation, offset)) as newest,
            groupArray(({{ record_coordinates() }})) as alike
        from (
            {{ records_of_shared_times(changes_of(ref('stg_raw__event_times'))) }}
        )
        group by client_timestamp, id_hash, payload_hash
    )
{%- endmacro %}


{# Those records as `stg_raw__events` has them, each with its own coordinates. `met`: a relation of such rows. #}
{% macro events_met(met) -%}
    (
        select
            * except ({{ record_coordinates() }}, alike),
            {{ coordinates_of('each') }}
        from (
            select * from {{ ref('stg_raw__events') }}
            where ({{ record_coordinates() }}) in (select {{ record_coordinates() }} from {{ met }})
        ) as events
        inner join (
            select {{ record_coordinates() }}, alike from {{ met }}
        ) as met using ({{ record_coordinates() }})
        array join alike as each
    )
{%- endmacro %}


{# All those with an id and a time like one of `news`, rows of `stg_raw__event_times`; of all records by default. #}
{% macro records_of_shared_times(news=none) -%}
    select client_timestamp, id_hash, payload_hash, {{ record_coordinates() }}
    from {{ ref('stg_raw__event_times') }}
    where (client_timestamp, id_hash) in (
        select client_timestamp, id_hash
        {%- if news is none %}
        from {{ ref('stg_raw__event_times') }}
        {%- else %}
        from {{ data_of(ref('stg_raw__event_times')) }}
        -- By the time alone, which few share by chance, in half the time.
        prewhere client_timestamp in (select client_timestamp from {{ news }})
        where (client_timestamp, id_hash) in (select client_timestamp, id_hash from {{ news }})
        {%- endif %}
        group by client_timestamp, id_hash
        having count() > 1
        -- As they lie, so that only one group is held at a time.
        settings optimize_aggregation_in_order = 1
    )
{%- endmacro %}


{#
    Of an id what tells it from the others of its time. Clients that send whole seconds make thousands of one time: one in thirty of
    their records then shares both by chance, and is compared for nothing.
#}
{% macro id_hash() -%}
    toUInt16(cityHash64(project_id, event_id))
{%- endmacro %}


{#
    Of a payload what tells its bytes from those of other records of its time and `id_hash`, which are few: with that, 64 bits. Two that
    share all of it are taken for copies of the same bytes.
#}
{% macro payload_hash() -%}
    toFixedString(substring(reinterpretAsFixedString(cityHash64(payload)), 1, 6), 6)
{%- endmacro %}
