{#
    The event records of one client time and hash of the id, where at least one of them is new: the only ones that can be copies.
    client_timestamp, id_hash and coordinates. The order of `stg_raw__event_times` answers it.
#}
{% macro met_events() -%}
    select client_timestamp, id_hash, {{ record_coordinates() }}
    from {{ ref('stg_raw__event_times') }}
    where (client_timestamp, id_hash) in ({{ shared_times() }})
{%- endmacro %}


{# (client_timestamp, id_hash) of more than one record, of which one is new. Read in order, so that only one group is held at a time. #}
{% macro shared_times() -%}
    select client_timestamp, id_hash
    from {{ ref('stg_raw__event_times') }}
    {%- if is_incremental_build() %}
    where (client_timestamp, id_hash) in (
        select client_timestamp, id_hash from {{ changes_of(ref('stg_raw__event_times')) }}
    )
    {%- endif %}
    group by client_timestamp, id_hash
    having count() > 1
    settings optimize_aggregation_in_order = 1
{%- endmacro %}


{#
    Of an id what tells it from the others of its time. Clients that send whole seconds make thousands of one time: one in thirty of
    their records then shares both by chance, and is compared for nothing.
#}
{% macro id_hash() -%}
    toUInt16(cityHash64(project_id, event_id))
{%- endmacro %}
