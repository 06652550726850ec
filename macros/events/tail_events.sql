{#
    What raw holds beyond the last committed run, for the view `events_live`. All of it hangs on one scalar, `read_state`, so that
    rows and positions are those of one run; should a run commit between two looks at it, a record that is stored already
    is a copy of itself, and counts once.
#}


{# (run that readers see, {topic/generation/partition: first offset that it had not read}, last replay_seq that it had read) #}
{% macro read_state() -%}
    {%- set positions = run_table('run_positions') -%}
    {%- set last_run = last_run_for_readers('int_events_sessionized') -%}
    {#- Facts that were built alone had gone no further than the copies. -#}
    {%- set read_run = last_run_for_readers('stg_raw__event_copies', 'run <= (' ~ last_run ~ ')') -%}
    (
        select tuple(
            any(seen.run),
            mapFromArrays(
                groupArrayIf(positions.place, positions.lane = 'live'),
                groupArrayIf(positions.position + 1, positions.lane = 'live')
            ),
            maxIf(positions.position, positions.lane = 'replay')
        )
        from ({{ last_run }}) as seen
        left join (
            select ({{ last_run }}) as seen_run, lane, {{ place_of_record() }} as place, position
            from {{ positions }}
            where stream = 'events' and run in ({{ read_run }})
        ) as positions on seen.run = positions.seen_run
    )
{%- endmacro %}


{# The last run of a model that the reader of a query may see, as a SELECT: the committed one, the running one for the run itself. #}
{% macro last_run_for_readers(model_name, condition='true') -%}
    select max(run) as run
    from (
        select run from {{ run_table('run_commits') }}
        where
            model = {{ string_literal(model_name) }}
            and getSetting('log_comment') != 'working state'
            and {{ condition }}
        union all
        select run from {{ run_table('run_models') }}
        where
            model = {{ string_literal(model_name) }}
            and getSetting('log_comment') = 'working state'
            and {{ condition }}
    )
{%- endmacro %}


{% macro place_of_record() -%}
    concat(toString(topic), '/', toString(generation), '/', toString(partition))
{%- endmacro %}


{#
    The records of a staged relation beyond it. The bound of each topic-partition that was known when the view was made is written
    out with a look-up of its offset, which is a constant by the time that the primary key is asked; of others each record is asked.
#}
{% macro tail_events(staged) -%}
    {%- set bounds, known = [], [] -%}
    {%- for row in known_places() -%}
        {%- set place = [string_literal(row['topic']), row['generation'], row['partition']] | join(', ') -%}
        {%- do known.append('(' ~ place ~ ')') -%}
        {%- do bounds.append(
            '(topic, generation, partition) = (' ~ place ~ ') and offset >= read_state.2['
            ~ string_literal(row['topic'] ~ '/' ~ row['generation'] ~ '/' ~ row['partition']) ~ ']'
        ) -%}
    {%- endfor -%}
    {%- set is_beyond = 'offset >= read_state.2[' ~ place_of_record() ~ ']' -%}
    {%- do bounds.append(
        '(topic, generation, partition) not in (' ~ known | join(', ') ~ ') and ' ~ is_beyond if known else is_beyond
    ) -%}
    (
        select * from {{ staged }}
        where
            lane = 'live'
            and ({{ bounds | join('\n                or ') }})
        union all
        select * from {{ staged }}
        where lane = 'replay' and replay_seq > read_state.3
    )
{%- endmacro %}


{% macro known_places() -%}
    {%- if not execute or flags.WHICH not in ['run', 'build'] -%}
        {{- return([]) -}}
    {%- endif -%}
    {{- return(run_query(
        'select distinct topic, generation, partition from ' ~ run_table('run_positions')
        ~ " where stream = 'events' and lane = 'live' and run = (select max(run) from " ~ run_table('run_positions')
        ~ " where stream = 'events') order by topic, generation, partition"
    ).rows) -}}
{%- endmacro %}


{#
    The stored rows that readers see, by the same state. `first` (SQL) is asked before anything else of them is read; `also` may be
    answered by an index.
#}
{% macro stored_events(first, also='true') -%}
    {%- set seen = "if(getSetting('log_comment') = 'working state', 18446744073709551615, read_state.1)" -%}
    (
        select * except (run, closed)
        from {{ data_of(ref('int_events_sessionized')) }}
        prewhere {{ first }}
        where {{ stood_after(seen) }} and {{ also }}
    )
{%- endmacro %}


{# The clients' times of what lies beyond. #}
{% macro tail_times() -%}
    (select groupArray(client_timestamp) from {{ tail_events(ref('stg_raw__event_keys')) }})
{%- endmacro %}


{#
    The records with a copy, where one of them lies beyond: [(project_id, event_id, client_timestamp, received_at, coordinates,
    is_stored, occurred_at)]. Of the stored rows the client's time is compared first, as it is narrow, and on the tail's client
    dates only.
#}
{% macro contested_records() -%}
    (
        select arrayFlatten(groupArray(records))
        from (
            select groupArray((
                project_id, event_id, client_timestamp, received_at, ({{ record_coordinates() }}), is_stored, occurred_at
            )) as records
            from (
                select
                    project_id, event_id, client_timestamp, received_at, {{ record_coordinates() }},
                    false as is_stored, toDateTime64(0, 3, 'UTC') as occurred_at
                from {{ tail_events(ref('stg_raw__event_keys')) }}
                union all
                select
                    project_id, event_id, client_timestamp, received_at, {{ record_coordinates() }},
                    true as is_stored, occurred_at
                from {{
                    stored_events(
                        'client_timestamp in (select arrayJoin(tail_times))',
                        'toDate(client_timestamp) in (select toDate(arrayJoin(tail_times)))'
                    )
                }}
            )
            group by project_id, event_id, client_timestamp
            having length(records) > 1
        )
    )
{%- endmacro %}


{#
    Those of them that do not count, as staging has it: ([coordinates], [occurred_at of a stored one]). Bytes are fetched for the
    contested records only.
#}
{% macro losing_records() -%}
    (
        select (
            groupArray(coordinates),
            groupUniqArrayIf(occurred_at, is_stored)
        )
        from (
            select
                contest.5 as coordinates,
                contest.6 as is_stored,
                contest.7 as occurred_at,
                row_number() over (
                    partition by contest.1, contest.2, contest.3
                    order by contest.4 asc nulls last, records.payload, contest.5, contest.6 desc
                ) as place
            from (select arrayJoin(contested) as contest) as contests
            left any join (
                select ({{ record_coordinates() }}) as coordinates, payload
                from {{ source('raw', 'events') }}
                where
                    (topic, generation, partition, offset) in (
                        select contest.5.2, contest.5.3, contest.5.4, contest.5.5 from (select arrayJoin(contested) as contest)
                    )
            ) as records on contests.contest.5 = records.coordinates
        )
        where place > 1
    )
{%- endmacro %}
