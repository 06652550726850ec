{#
    The event records of one client time and hash of the id, where at least one of them is new: the only ones that can be copies.
    client_timestamp, id_hash and coordinates. The order of `stg_raw__event_times` answers it.
#}
{% macro met_events() -%}
    {{- records_of_shared_times(changes_of(ref('stg_raw__event_times')) if is_incremental_build() else none) -}}
{%- endmacro %}


{# The same of given `news`, rows of `stg_raw__event_times`; of all records by default. #}
{% macro records_of_shared_times(news=none) -%}
    select client_timestamp, id_hash, {{ record_coordinates() }}
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
