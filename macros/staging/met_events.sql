{#
    The event records of one client time and id, where at least one of them is new: event_id, client_timestamp and coordinates. Those of
    one time and hash are looked up in `stg_raw__event_times`, whose order answers it; the few that are found are parsed, as two
    ids may share a hash.
#}
{% macro met_events() -%}
    select event_id, client_timestamp, {{ record_coordinates() }}
    from {{ ref('stg_raw__event_keys') }}
    where ({{ record_coordinates() }}) in (
        select {{ record_coordinates() }}
        from {{ ref('stg_raw__event_times') }}
        where (client_timestamp, id_hash) in ({{ shared_times() }})
    )
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
    Of an id what tells it from the others of its time. Thousands of events of one millisecond are rare, and what shares both by chance
    is parsed and left.
#}
{% macro id_hash() -%}
    toUInt16(cityHash64(project_id, event_id))
{%- endmacro %}
