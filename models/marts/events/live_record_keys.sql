{# Their ids, times and bytes alone, by which copies are told. #}
{{ config(materialized='view', sql_security='definer') }}

select * from {{ ref('stg_raw__event_keys') }}
