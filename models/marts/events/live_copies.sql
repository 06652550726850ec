{#
    The records that do not count, of those that have a copy beyond the last run, in one row. Few have one: those of one time and hash are
    looked up in the order of `stg_raw__event_times`, and only theirs are parsed and compared, as staging has it.
#}
{{ config(materialized='view') }}

with

{{ read_state() }} as read_state,
{{ tail_times() }} as tail_times,
{{ records_met_by_tail() }} as met

select
    groupArrayIf(coordinates, not is_stored) as coordinates_beyond,
    groupArrayIf(coordinates, counted_before) as coordinates_stored,
    groupUniqArrayIf(identifier_key, counted_before) as identifier_keys_stored
from {{ losing_records() }}
