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
        'session_id': 'session_id',
        'node': 'sipHash64(' ~ node ~ ')',
    } -%}
    {%- set conditions = {
        'is_start': is_start, 'is_end': is_end, 'is_shown': '(' ~ shown | join(' or ') ~ ')',
    } -%}
    {%- for flag in call.flags -%}
        {%- do columns.update({flag: conditions[flag]}) -%}
    {%- endfor -%}
    {{- event_rows(call, columns=columns) -}}
{%- endmacro -%}


{#- The texts of the nodes: node, name. -#}
{%- macro path_names(call, node) -%}
    (
        select
            sipHash64(label) as node,
            any(label) as name,
            throwIf(count() > 1, 'paths(): two names have one hash; give `step` another text') as is_shared
        from (
            select label
            from {{ event_rows(call, columns={'label': node}) }}
            group by label
        )
        group by node
    )
{%- endmacro -%}


{#-
    One row per edge of a sequence: project_id, breakdown, actor, step_number, source, target, seconds. Internal to
    `paths`.
-#}
{%- macro path_edges(call, rows) -%}
(

    select
        project_id,
        breakdown,
        actor,
        toUInt32(arrayJoin(arrayEnumerate(arrayPopBack(nodes)))) as step_number,
        nodes[step_number] as departure,
        nodes[step_number + 1] as arrival,
        departure.node as source,
        arrival.node as target,
        (arrival.at - departure.at) / 1000 as seconds
    from (
        select
            project_id,
            breakdown,
            actor,
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
                project_id,
                breakdown,
                actor,
                {{ path_walk(call) }} as walk
            from {{ path_sequences(call, rows) }}
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


{#- One row per sequence: its events in order, as named tuples. -#}
{%- macro path_sequences(call, rows) -%}
    {#- An event carries no more than what is asked: these arrays are what paths cost. The id has no use but the order. -#}
    {%- set fields = ['toUnixTimestamp64Milli(occurred_at)', 'event_id', 'node'] + call.flags -%}
    {%- set types, places = ['at Int64', 'node UInt64'], ['event.1', 'event.3'] -%}
    {%- for flag in call.flags -%}
        {%- do types.append(flag ~ ' Bool') -%}
        {%- do places.append('event.' ~ (loop.index + 3)) -%}
    {%- endfor -%}
    {#- Two events may share a time and an id: the rest of the tuple keeps their order the same in every build. -#}
    {%- set events = 'CAST(arrayMap(event -> (' ~ places | join(', ') ~ '), arraySort(arrayZip(groupArray('
        ~ fields | join('), groupArray(') ~ ')))), ' ~ string_literal('Array(Tuple(' ~ types | join(', ') ~ '))') ~ ')' -%}
    (
        select
            project_id,
            breakdown,
            actor,
            {{ 'arrayFilter(event -> event.is_shown, part)' if 'is_shown' in call.flags else 'part' }} as sequence
        from (
            select
                project_id,
                breakdown,
                actor,
                {%- if call.gap is none %}
                {{ events }} as part
                {%- else %}
                -- Cut where nothing happened for longer than the gap.
                {{ events }} as ordered,
                arrayMap(event -> event.at, ordered) as times,
                arrayJoin(
                    arraySplit(
                        (event, nth, before) -> nth > 1 and event.at - before > {{ call.gap }},
                        ordered,
                        arrayEnumerate(ordered),
                        arrayShiftRight(times, 1)
                    )
                ) as part
                {%- endif %}
            from {{ rows }}
            {%- if call.per == 'session' %}
            where session_id != ''
            {%- endif %}
            group by
                project_id,
                breakdown,
                actor
                {%- if call.per == 'session' %},
                session_id
                {%- endif %}
        )
    )
{%- endmacro -%}


{#- How many transitions each breakdown value has, as `limit_breakdown` wants it. -#}
{%- macro transitions_per_breakdown(call, rows) -%}
    (
        select
            project_id,
            breakdown,
            count() as size
        from {{ path_edges(call, rows) }}
        group by
            project_id,
            breakdown
    )
{%- endmacro -%}
