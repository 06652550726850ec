{# The identifiers of `events_live` that the last run did not know. A view, as small as what has landed since. #}
{{ config(materialized='view') }}

with

{{ read_state() }} as read_state

select
    identifier_key,
    any({{ person_of_its_own() }}) as person
from {{ tail_events(ref('live_record_keys')) }}
where
    distinct_id != ''
    and {{ person_of_key() }} = 0
group by identifier_key
