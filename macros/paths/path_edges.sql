{#- The events that paths are made of, with their node and what they begin or end. Internal to `paths`. -#}
{%- macro path_rows(call, node, included) -%}
    {#- Every event of every sequence is held at once, so a node is a number until edges are counted. #}
    {%- set is_start = 'ifNull(' ~ call.start_event.condition ~ ', 0)' if call.start_event else '0' -%}
    {%- set is_end = 'ifNull(' ~ call.end_event.condition ~ ', 0)' if call.end_event else '0' -%}
    {%- set shown = ['1'] -%}
    {%- if included is not none -%}
        {#- What a path begins or ends with is on it, named or not. -#}
        {%- set shown = ['ifNull(' ~ included.condition ~ ', 0)', is_start, is_end] -%}
    {%- endif -%}
    {%- set columns = {
        'breakdown': call.breakdown or "''",
        'session_id': 'toString(session_id)',
        'node': 'sipHash64(' ~ node ~ ')',
    } -%}
    {%- set conditions = {
        'is_start': is_start, 'is_end': is_end, 'is_shown': '(' ~ shown | join(' or ') ~ ')',
    } -%}
    {%- for flag in call.flags -%}
        {%- do columns.update({flag: conditions[flag]}) -%}
    {%- endfor -%}
    {%- set match = "session_id != ''" if call.per == 'session' else none -%}
    {{- event_rows(call, columns=columns, match=match, by_owner=true) -}}
{%- endmacro -%}


{#-
    Project and breakdown as one number, `stream`: every event of every sequence is grouped, and keys of a fixed size are
    grouped twice as fast as texts. `path_streams` has the texts.
-#}
{%- macro path_stream(rows) -%}
    {{- return('sipHash64(' ~ rows ~ '.project_id, ' ~ rows ~ '.breakdown)') -}}
{%- endmacro -%}


{%- macro path_streams(call, rows) -%}
    {%- set rows = rows if call.breakdown_limit is not none
        else event_rows(call, columns={'breakdown': call.breakdown or "''"}, nobody=true) -%}
    (
        select
            {{ path_stream('streams') }} as stream,
            any(streams.project_id) as project_id,
            any(streams.breakdown) as breakdown,
            throwIf(count() > 1, 'paths(): two breakdown values have one hash') as is_shared
        from (
            select
                project_id,
                breakdown
            from {{ rows }}
            group by
                project_id,
                breakdown
        ) as streams
        group by stream
    )
{%- endmacro -%}


{#- The texts of the nodes: node, name. Those of nobody's events do no harm, and their persons need no look-up. -#}
{%- macro path_names(call, node) -%}
    (
        select
            sipHash64(label) as node,
            any(label) as name,
            throwIf(count() > 1, 'paths(): two names have one hash; give `step` another text') as is_shared
        from (
            select label
            from {{ event_rows(call, columns={'label': node}, nobody=true) }}
            group by label
        )
        group by node
    )
{%- endmacro -%}


{#-
    One row per edge of a sequence: stream, person (the actor as a number), step_number, source, target,
    milliseconds. Internal to `paths`.
-#}
{%- macro path_edges(call, rows) -%}
(

    select
        stream,
        person,
        edge.1 as step_number,
        edge.2 as source,
        edge.3 as target,
        edge.4 as milliseconds
    from (
        select
            stream,
            person,
            -- Two neighbours at a time.
            arrayJoin(arrayMap(
                (departure, arrival, nth) -> (nth, departure.node, arrival.node, arrival.at - departure.at),
                arrayPopBack(nodes),
                arrayPopFront(nodes),
                arrayEnumerate(arrayPopBack(nodes))
            )) as edge
        from (
            select
                stream,
                reinterpretAsUInt128(sipHash128(actor)) as person,
                {%- if call.collapse %}
                -- Of one node several times in a row the first.
                arrayMap(event -> event.node, walk) as names,
                arrayFilter(
                    (event, nth, before) -> nth = 1 or event.node != before,
                    walk,
                    arrayEnumerate(walk),
                    arrayShiftRight(names, 1)
                ) as stops,
                {%- else %}
                walk as stops,
                {%- endif %}
                {%- if call.end_event and not call.start_event %}
                -- The nodes that lead to the last one.
                arraySlice(stops, greatest(1, length(stops) - {{ call.depth - 1 }})) as nodes
                {%- else %}
                arraySlice(stops, 1, {{ call.depth }}) as nodes
                {%- endif %}
            from (
                select
                    stream,
                    actor,
                    {{ path_walk(call) }} as walk
                from {{ path_sequences(call, rows) }}
            )
        )
    )

)
{%- endmacro -%}


{#- The part of a sequence from its start event to its end event; empty where it lacks one that is asked for. -#}
{%- macro path_walk(call) -%}
    {%- set begin = 'arrayFirstIndex(event -> event.is_start, sequence)' -%}
    {%- set last = 'arrayLastIndex(event -> event.is_end, sequence)' -%}
    {%- set next = 'arrayFirstIndex((event, nth) -> event.is_end and nth > ' ~ begin
        ~ ', sequence, arrayEnumerate(sequence))' -%}
    {%- if call.start_event and call.end_event -%}
        {{- return('if(' ~ begin ~ ' = 0, [], arraySlice(sequence, ' ~ begin ~ ', greatest(0, toInt64(' ~ next
            ~ ') - toInt64(' ~ begin ~ ') + 1)))') -}}
    {%- elif call.start_event -%}
        {{- return('if(' ~ begin ~ ' = 0, [], arraySlice(sequence, ' ~ begin ~ '))') -}}
    {%- elif call.end_event -%}
        {{- return('arraySlice(sequence, 1, ' ~ last ~ ')') -}}
    {%- endif -%}
    {{- return('sequence') -}}
{%- endmacro -%}


{#- One row per sequence: stream, actor, and its events in order, as named tuples. -#}
{%- macro path_sequences(call, rows) -%}
    (
        select
            stream,
            actor,
            {{ 'arrayFilter(event -> event.is_shown, part)' if 'is_shown' in call.flags else 'part' }} as sequence
        from (
            {%- if call.gap is none %}
            select
                stream,
                actor,
                events as part
            {%- else %}
            select
                stream,
                actor,
                arrayMap(event -> event.at, events) as times,
                -- Cut where nothing happened for longer than the gap.
                arrayJoin(
                    arraySplit(
                        (event, nth, before) -> nth > 1 and event.at - before > {{ call.gap }},
                        events,
                        arrayEnumerate(events),
                        arrayShiftRight(times, 1)
                    )
                ) as part
            {%- endif %}
            from {{ path_sessions(call, rows) if call.per == 'session' else path_lives(call, rows) }}
        )
    )
{%- endmacro -%}


{#- All events of an actor as one sequence. -#}
{%- macro path_lives(call, rows) -%}
    {%- set measures, collected = {}, [] -%}
    {%- for field in path_fields(call) -%}
        {%- do collected.append('field_' ~ loop.index) -%}
        {%- do measures.update({collected | last: [
            'groupArray(' ~ field ~ ')', 'arrayFlatten(groupArray(owned.' ~ (collected | last) ~ '))'
        ]}) -%}
    {%- endfor -%}
    (
        select
            {{ path_stream('lives') }} as stream,
            actor,
            {{ path_events(call, 'arrayZip(' ~ collected | join(', ') ~ ')') }} as events
        from {{ actor_groups(call, rows, ['breakdown'], measures) }} as lives
    )
{%- endmacro -%}


{#-
    The events of each session, divided by actor. There are many sessions and each is short, so they are gathered by one
    number. Whose one is, is asked once; only where several identifiers acted in it, or one of several persons, each
    event is asked for.
-#}
{%- macro path_sessions(call, rows) -%}
    {%- set fields = path_fields(call) + (['identifier_key'] if call.by_identifier else []) -%}
    {%- set collected = 'arrayZip(groupArray(' ~ fields | join('), groupArray(') ~ '))' -%}
    (
        {%- if call.by_identifier %}
        {%- set person = person_id_of_key('key', "fromUnixTimestamp64Milli(at, 'UTC')") %}
        select
            stream,
            actor,
            if(is_of_one, events, arrayFilter((event, key, at) -> {{ person }} = actor, events, keys, times)) as events
        from (
            select
                stream,
                {{ path_events(call, 'in_order') }} as events,
                in_order.1 as times,
                in_order.{{ fields | length }} as keys,
                length(arrayDistinct(keys)) = 1 and not {{ is_identifier_of_several('keys[1]') }} as is_of_one,
                arrayJoin(if(
                    is_of_one,
                    arrayMap((key, at) -> {{ person }}, [keys[1]], [times[1]]),
                    arrayDistinct(arrayMap((key, at) -> {{ person }}, keys, times))
                )) as actor
            from (
                select
                    any({{ path_stream('rows') }}) as stream,
                    arraySort({{ collected }}) as in_order
                from {{ rows }} as rows
                group by {{ path_session_key('session_id') }}
            )
        )
        where actor != ''
        {%- else %}
        select
            any({{ path_stream('rows') }}) as stream,
            any(rows.actor) as actor,
            {{ path_events(call, collected) }} as events
        from {{ rows }} as rows
        group by {{ path_session_key('session_id, rows.actor') }}
        {%- endif %}
    )
{%- endmacro -%}


{#- A session of a stream as one number: two keys cost half as much again. -#}
{%- macro path_session_key(columns) -%}
    {{- return('bitXor(reinterpretAsUInt128(sipHash128(' ~ columns ~ ')), toUInt128(' ~ path_stream('rows') ~ '))') -}}
{%- endmacro -%}


{#- What is collected of an event: no more than is asked, for these arrays are what paths cost. The id is for the order. -#}
{%- macro path_fields(call) -%}
    {{- return(['toUnixTimestamp64Milli(occurred_at)', 'event_id', 'node'] + call.flags) -}}
{%- endmacro -%}


{#-
    Collected events in order, as named tuples. Two events may share a time and an id: the rest of the tuple keeps their
    order the same in every build.
-#}
{%- macro path_events(call, collected) -%}
    {%- set types, places = ['at Int64', 'node UInt64'], ['event.1', 'event.3'] -%}
    {%- for flag in call.flags -%}
        {%- do types.append(flag ~ ' Bool') -%}
        {%- do places.append('event.' ~ (loop.index + 3)) -%}
    {%- endfor -%}
    {%- set sorted = collected if collected == 'in_order' else 'arraySort(' ~ collected ~ ')' -%}
    {{- return('CAST(arrayMap(event -> (' ~ places | join(', ') ~ '), ' ~ sorted ~ '), '
        ~ string_literal('Array(Tuple(' ~ types | join(', ') ~ '))') ~ ')') -}}
{%- endmacro -%}


{#- How many transitions each breakdown value has, as `limit_breakdown` wants it. -#}
{%- macro transitions_per_breakdown(call, rows) -%}
    (
        select
            streams.project_id as project_id,
            streams.breakdown as breakdown,
            edges.size as size
        from (
            select
                stream,
                count() as size
            from {{ path_edges(call, rows) }}
            group by stream
        ) as edges
        inner join {{ path_streams(call, rows) }} as streams on edges.stream = streams.stream
    )
{%- endmacro -%}
