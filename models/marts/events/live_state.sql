{# Where the last run that readers see had read to, for the views of what has landed since. #}
{{ config(materialized='view') }}

{%- set last_run = last_run_for_readers('int_events_sessionized') -%}
{#- Facts that were built alone had gone no further than the copies, and those no further than the times. #}
{%- set judged_run = last_run_for_readers('stg_raw__event_copies', 'run <= (' ~ last_run ~ ')') -%}
{%- set read_run = last_run_for_readers('stg_raw__event_times', 'run <= (' ~ judged_run ~ ')') %}

with

seen as (

    {{ last_run }}

),

positions as (

    select
        ({{ last_run }}) as seen_run,
        run as read_run,
        lane,
        {{ place_of_record() }} as place,
        position
    from {{ run_table('run_positions') }}
    where stream = 'events' and run in ({{ read_run }})

)

select
    any(seen.run) as run,
    any(positions.read_run) as read_run,
    mapFromArrays(
        groupArrayIf(positions.place, positions.lane = 'live'),
        groupArrayIf(positions.position + 1, positions.lane = 'live')
    ) as next_offsets,
    maxIf(positions.position, positions.lane = 'replay') as last_replay_seq
from seen
left join positions on seen.run = positions.seen_run
