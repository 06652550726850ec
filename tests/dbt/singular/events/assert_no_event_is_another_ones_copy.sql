{{ config(meta={'dagster': {'ref': {'name': 'stg_raw__event_copies'}}}) }}
-- Records of one id and time, where one of them came since: all but one are known as copies.
{% set coordinates = record_coordinates() -%}
with

suspects as (

    {{ records_of_shared_times(rows_that_came(ref('stg_raw__event_times'))) }}

),

copies as (

    select {{ coordinates }}
    from {{ ref('stg_raw__event_copies') }}
    where (client_timestamp, id_hash) in (select (suspects.client_timestamp, suspects.id_hash) from suspects)

)

select
    project_id,
    event_id,
    client_timestamp,
    count() as event_count
from {{ ref('stg_raw__event_keys') }}
where
    ({{ coordinates }}) in (select {{ coordinates }} from suspects)
    and ({{ coordinates }}) not in (select {{ coordinates }} from copies)
group by project_id, event_id, client_timestamp
having event_count > 1
