{#
    What raw holds beyond the last committed run, for the view `events_live`. All of it hangs on one scalar, `read_state`, so that
    rows and positions are those of one run; should a run commit between two looks at it, a record that is stored already
    is a copy of itself, and counts once.
#}


{#
    (run that readers see, {topic/generation/partition: first offset that had not been read}, last replay_seq that had been, the run
    that had read so far). The engine plans a scalar in each place where it is named, so it is of a view with a short name.
#}
{% macro read_state() -%}
    (
        select tuple(run, next_offsets, last_replay_seq, read_run)
        from {{ ref('live_state') }}
    )
{%- endmacro %}


{#
    The last run of a model that the reader of a query may see, as a SELECT: the committed one, the running one for the run itself, where
    the model says `is_marked_at_once` (config).
#}
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
    The records of a relation beyond it. The bound of each topic-partition that was known when the view was made is written
    out with a look-up of its offset, which is a constant by the time that the primary key is asked; of others each record is asked.
#}
{% macro tail_events(records) -%}
    {%- set bounds, places = [], known_places() -%}
    {%- for row in places -%}
        {%- set place = [row['topic'], row['generation'], row['partition']] | join('/') -%}
        {%- do bounds.append('offset >= read_state.2[' ~ string_literal(place) ~ ']') -%}
    {%- endfor -%}
    {%- set is_beyond = 'offset >= read_state.2[' ~ place_of_record() ~ ']' -%}
    (
        select * from {{ records }}
        where
            lane = 'live'
            and {{ by_place(places, bounds, otherwise=is_beyond) }}
        -- Which granules, is told at once for all parts, not part by part as they are read.
        settings use_skip_indexes_on_data_read = 0
        union all
        select * from {{ records }}
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
    The stored rows that readers see, by the same state. `first` (SQL) is asked before anything else of them is read.
#}
{% macro stored_events(first) -%}
    (
        select * except (run, closed)
        from {{ data_of(ref('int_events_sessionized')) }}
        prewhere {{ first }}
        where {{ stood_after(run_of_reader('read_state.1')) }}
    )
{%- endmacro %}


{# What lies beyond, as events, but for what a better copy takes the place of. #}
{% macro tail_that_counts() -%}
    (
        select {{ event_columns(live_person_id(), told_agent_value) }}
        from {{ tail_events(ref('live_records')) }}
        where ({{ record_coordinates() }}) not in (select arrayJoin(losers.1))
    )
{%- endmacro %}


{# What lies beyond: [(client_timestamp, id_hash, payload_hash, coordinates)]. #}
{% macro tail_times() -%}
    (
        select groupArray((client_timestamp, {{ id_hash() }}, {{ payload_hash() }}, ({{ record_coordinates() }})))
        from {{ tail_events(ref('live_record_keys')) }}
    )
{%- endmacro %}


{#
    The records of one time and hash, where one of them lies beyond: [(coordinates, is_stored, coordinates of the one that is read for all
    of the same bytes)], which is one beyond, if there is one. Those that were read are looked up in the order of `stg_raw__event_times`.
#}
{% macro records_met_by_tail() -%}
    (
        select
            groupArrayArray(arrayMap(
                record -> (record.3, record.2, arrayFirst(other -> other.1 = record.1, sorted).3), arraySort(records) as sorted
            ))
        from (
            select groupArray((payload_hash, is_stored, coordinates)) as records
            from (
                select
                    sent.1 as client_timestamp,
                    sent.2 as id_hash,
                    sent.3 as payload_hash,
                    sent.4 as coordinates,
                    false as is_stored
                from (select arrayJoin(tail_times) as sent)
                union all
                select client_timestamp, id_hash, payload_hash, ({{ record_coordinates() }}) as coordinates, true as is_stored
                from {{ data_of(ref('stg_raw__event_times')) }}
                prewhere client_timestamp in (select sent.1 from (select arrayJoin(tail_times) as sent))
                where
                    (client_timestamp, id_hash) in (select sent.1, sent.2 from (select arrayJoin(tail_times) as sent))
                    and run <= {{ run_of_reader('read_state.4') }}
            )
            group by client_timestamp, id_hash
            having length(records) > 1
        )
    )
{%- endmacro %}


{#
    Those of them that do not count, as staging has it: coordinates, is_stored, identifier_key, and `counted_before`, whether a stored one
    was the best of those that had been read.
#}
{% macro losing_records() -%}
    (
        select
            coordinates,
            is_stored,
            identifier_key,
            is_stored and place_among_stored = 1 as counted_before
        from (
            select
                record.1 as coordinates,
                record.2 as is_stored,
                identifier_key,
                row_number() over copies as place,
                countIf(is_stored) over copies as place_among_stored
            from (select arrayJoin(met) as record) as met_records
            inner join (
                select *, ({{ record_coordinates() }}) as known_coordinates
                from {{ ref('live_record_keys') }}
                where
                    (topic, generation, partition, offset) in (
                        select record.3.2, record.3.3, record.3.4, record.3.5 from (select arrayJoin(met) as record)
                    )
            ) as records on met_records.record.3 = records.known_coordinates
            window copies as (
                partition by project_id, event_id, client_timestamp
                order by received_at asc nulls last, payload, coordinates, is_stored desc
            )
        )
        where place > 1
    )
{%- endmacro %}
