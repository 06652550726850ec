{# A view: who an event's person is, is looked up as it is read, so a merge of persons writes no events. #}
{{ config(materialized='view') }}

select {{ event_columns(person_id_of_key()) }}
from {{ ref('int_events_sessionized') }}
