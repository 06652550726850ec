{#-
    What an event is within paths, as one number, so that many of them are collected, sorted and compared fast. From the top: 51
    bits that tell its session from the actor's other ones (1 of them for sessions that are rivals, 50 of a hash), 45 bits of its
    time, 29 bits of its node, its place in `names`, and whether it is included, ends or begins a path.
-#}
{%- macro path_event(call, parts, names) -%}
    {%- set number = 'toUInt32(transform({}, {}, arrayEnumerate({}), 0)) * 8'.format(parts.node, names, names) -%}
    {%- set summands = [
        'bitShiftLeft(toUInt128(toUnixTimestamp64Milli(occurred_at) + ' ~ 2 ** 44 ~ '), 32)',
        'toUInt128(' ~ number ~ (' + ' ~ parts.marks if 'marks' in parts else '') ~ ')',
    ] -%}
    {%- if call.per == 'session' -%}
        {%- do summands.append('bitShiftLeft(toUInt128(' ~ parts.session ~ '), 77)') -%}
    {%- endif -%}
    {%- if path_rivals_are_sessions(call) -%}
        {%- do summands.append('bitShiftLeft(toUInt128(' ~ parts.is_rival ~ '), 127)') -%}
    {%- endif -%}
    {{- return(summands | join(' + ')) -}}
{%- endmacro -%}


{#- What `path_event` puts together besides the time, as SQL on events by name, as far as a call has a use for it. -#}
{%- macro path_parts(call) -%}
    {%- set marks = [] -%}
    {%- for step, bit in [(call.start_event, 1), (call.end_event, 2), (call.included, 4)] if step is not none -%}
        {%- do marks.append('if(ifNull(' ~ step.condition ~ ', 0), ' ~ bit ~ ', 0)') -%}
    {%- endfor -%}
    {%- set parts = {'node': call.node, 'is_rival': path_rivals(call)} -%}
    {%- if marks -%}
        {%- do parts.update({'marks': marks | join(' + ')}) -%}
    {%- endif -%}
    {%- if call.per == 'session' -%}
        {%- do parts.update({'session': 'bitShiftRight(xxh3(toString(session_id)), 14)'}) -%}
    {%- endif -%}
    {{- return(parts) -}}
{%- endmacro -%}


{%- macro path_node(event) -%}
    {{- return('bitAnd(bitShiftRight(toUInt64(' ~ event ~ '), 3), ' ~ (2 ** 29 - 1) ~ ')') -}}
{%- endmacro -%}


{#- Milliseconds from one event to the next of its sequence. -#}
{%- macro path_milliseconds(earlier, later) -%}
    {{- return(
        'toInt64(bitShiftRight(' ~ later ~ ', 32)) - toInt64(bitShiftRight(' ~ earlier ~ ', 32))'
    ) -}}
{%- endmacro -%}


{#- The texts of the nodes, '' first: a scalar, which a query computes once. Those of nobody's events do no harm. -#}
{%- macro path_names(call) -%}
    {{- path_names_of(event_rows(call, columns={'node': call.node}, nobody=true)) -}}
{%- endmacro -%}


{%- macro path_names_of(rows) -%}
    (
        select arrayConcat([''], arraySort(groupArray(node)))
        from (
            select node
            from {{ rows }}
            group by node
        )
        where node != ''
    )
{%- endmacro -%}


{#-
    Whether an event is a rival: its id may decide where it stands in its sequence, since two events of its session, or
    else of its actor, have one time. The sessions of `fct_events` know that of themselves, and one too many does no harm; actors are
    looked through.
-#}
{%- macro path_rivals(call) -%}
    {%- if not path_rivals_are_sessions(call) -%}
        {{- return(has_rivals(call)) -}}
    {%- endif -%}
    {%- set sessions = ref('int_sessions_aggregated') -%}
    {#- The identifier, by which events are ordered, is where to look, and tells sessions of two projects apart. -#}
    {%- set are_simultaneous -%}
        identifier_key in (select arrayJoin(simultaneous_keys) from {{ sessions }})
        and xxh3(toString(session_id)) in (select xxh3(session_id) from {{ sessions }} where notEmpty(simultaneous_keys))
    {%- endset -%}
    {{- return('(' ~ [are_simultaneous, has_unread_events()] | select | join(' or ') ~ ')') -}}
{%- endmacro -%}


{%- macro path_rivals_are_sessions(call) -%}
    {#- What a query may need has to be told before all models are known. -#}
    {%- if not execute -%}
        {%- for name in ['int_events_sessionized', 'int_sessions_aggregated'] -%}
            {%- do ref(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(call.per == 'session' and call.by_identifier and not is_events_live(call.events)) -}}
{%- endmacro -%}


{#- An actor's events in order: by time, and the rivals among them also by their ids. -#}
{%- macro path_order(call) -%}
    {%- set by_id = 'arraySort((event, id) -> (bitShiftRight(event, 32), id, event), rivals, rival_ids)' -%}
    {%- if path_rivals_are_sessions(call) -%}
        {#- Whole sessions are rivals; `path_sequences` puts an actor's sessions in order. -#}
        {%- set others = 'arrayFilter(event -> bitShiftRight(event, 127) = 0, arraySort(events))' -%}
        {{- return('if(empty(rivals), arraySort(events), arrayConcat(' ~ others ~ ', ' ~ by_id ~ '))') -}}
    {%- endif -%}
    {#- An actor with events at one time has all its events among the rivals; another may have some. -#}
    {{- return('if(length(rivals) = length(events), ' ~ by_id ~ ', arraySort(events))') -}}
{%- endmacro -%}


{#- The events that paths are made of. Internal to `paths`. -#}
{%- macro path_rows(call, names) -%}
    {%- set parts = path_parts(call) -%}
    {{- path_events(call, {'step': path_event(call, parts, names), 'is_rival': parts.is_rival}) -}}
{%- endmacro -%}


{%- macro path_events(call, columns, match=none) -%}
    {%- set conditions = ["session_id != ''"] if call.per == 'session' else [] -%}
    {%- if match -%}
        {%- do conditions.append(match) -%}
    {%- endif -%}
    {{- event_rows(
        call, columns=dict(columns, breakdown=call.breakdown or "''"), match=conditions | join(' and ') or none, by_owner=true
    ) -}}
{%- endmacro -%}


{#-
    One row per actor: project_id, actor, breakdown, and `edges`, [(code, milliseconds)] of all of the actor's sequences. A
    code is the number of the step and 29 bits each of source and target. `rival_rows` are the rows of rivals, where `rows` have no
    ids. Internal to `paths`.
-#}
{%- macro path_edges(call, rows, rival_rows=none) -%}
    {%- set of_all = array_measures({'events': 'groupArray(step)'}) -%}
    {%- set rival_rows = rival_rows or '(select * from ' ~ rows ~ ' where is_rival)' -%}
    {%- set of_rivals = array_measures({'rivals': 'groupArray(step)', 'rival_ids': 'groupArray(event_id)'}) -%}
(

    select
        project_id,
        actor,
        breakdown,
        -- Two neighbours at a time.
        arrayFlatten(arrayMap(
            nodes -> arrayMap(
                (departure, arrival, nth) -> (
                    bitShiftLeft({{ 'toUInt64' if call.depth <= 64 else 'toUInt128' }}(nth), 58)
                    + bitShiftLeft({{ path_node('departure') }}, 29)
                    + {{ path_node('arrival') }},
                    {{ path_milliseconds('departure', 'arrival') }}
                ),
                arrayPopBack(nodes),
                arrayPopFront(nodes),
                arrayEnumerate(arrayPopBack(nodes))
            ),
            paths
        )) as edges
    from (
        select
            project_id,
            actor,
            breakdown,
            arrayMap(stops -> {{ path_part(call) }}, walks) as paths
        from (
            select
                project_id,
                actor,
                breakdown,
                {%- if call.collapse %}
                -- Of one node several times in a row the first.
                arrayMap(
                    walk -> arrayFilter(
                        (event, before, nth) -> nth = 1 or {{ path_node('event') }} != {{ path_node('before') }},
                        walk,
                        arrayShiftRight(walk, 1),
                        arrayEnumerate(walk)
                    ),
                    whole_walks
                ) as walks
                {%- else %}
                whole_walks as walks
                {%- endif %}
            from (
                select
                    project_id,
                    actor,
                    breakdown,
                    {%- if call.included is not none %}
                    -- What a path begins or ends with is on it, named or not.
                    arrayMap(sequence -> arrayFilter(event -> bitAnd(toUInt8(event), 7) != 0, sequence), sequences) as shown,
                    {%- else %}
                    sequences as shown,
                    {%- endif %}
                    {{ path_walks(call) }} as whole_walks
                from (
                    select
                        project_id,
                        actor,
                        breakdown,
                        {{ path_sequences(call) }} as sequences
                    from (
                        select
                            project_id,
                            actors.actor as actor,
                            breakdown,
                            {{ path_order(call) }} as in_order
                        from {{ actor_groups(call, rows, ['breakdown'], of_all) }} as actors
                        left any join {{ actor_groups(call, rival_rows, ['breakdown'], of_rivals) }} as their_rivals
                            using (project_id, person, breakdown)
                    )
                )
            )
        )
    )

)
{%- endmacro -%}


{#- An actor's events as sequences, which `paths(per=…)` asks for. -#}
{%- macro path_sequences(call) -%}
    {%- if call.per == 'person' -%}
        {{- return('[in_order]') -}}
    {%- endif -%}
    {%- set is_cut = 'bitShiftRight(event, 77) != bitShiftRight(before, 77)' -%}
    {%- if call.gap is not none -%}
        {%- set is_cut = path_milliseconds('before', 'event') ~ ' > ' ~ call.gap -%}
    {%- endif -%}
    {%- set sequences = 'arraySplit((event, before) -> ' ~ is_cut ~ ', in_order, arrayShiftRight(in_order, 1))' -%}
    {%- if path_rivals_are_sessions(call) -%}
        {#- A session may be rivals for another actor's events only: a kept row must not hang on that. -#}
        {%- set session = 'bitAnd(bitShiftRight(sequence[1], 77), ' ~ (2 ** 50 - 1) ~ ')' -%}
        {%- set by_session = 'arraySort(sequence -> ' ~ session ~ ', ' ~ sequences ~ ')' -%}
        {%- set sequences = 'if(bitShiftRight(in_order[-1], 127) = 0, ' ~ sequences ~ ', ' ~ by_session ~ ')' -%}
    {%- endif -%}
    {{- return(sequences) -}}
{%- endmacro -%}


{#- Of each sequence the part from its start event to its end event; empty where it lacks one that is asked for. -#}
{%- macro path_walks(call) -%}
    {%- set walks = 'shown' -%}
    {%- if call.start_event -%}
        {%- set begin = 'arrayFirstIndex(event -> bitTest(toUInt8(event), 0), sequence)' -%}
        {%- set walks = 'arrayMap(sequence -> if(' ~ begin ~ ' = 0, arrayResize(sequence, 0), arraySlice(sequence, ' ~ begin
            ~ ')), ' ~ walks ~ ')' -%}
    {%- endif -%}
    {%- if call.end_event -%}
        {#- Behind a start that was asked for the next one, else the last. -#}
        {%- set end = 'arrayFirstIndex((event, nth) -> bitTest(toUInt8(event), 1) and nth > 1, sequence, arrayEnumerate(sequence))'
            if call.start_event else 'arrayLastIndex(event -> bitTest(toUInt8(event), 1), sequence)' -%}
        {%- set walks = 'arrayMap(sequence -> arraySlice(sequence, 1, ' ~ end ~ '), ' ~ walks ~ ')' -%}
    {%- endif -%}
    {{- return(walks) -}}
{%- endmacro -%}


{#- The first nodes, or where only an end is asked for those that lead to it. -#}
{%- macro path_part(call) -%}
    {%- if call.end_event and not call.start_event -%}
        {{- return('arraySlice(stops, greatest(1, toInt64(length(stops)) - ' ~ (call.depth - 1) ~ '))') -}}
    {%- endif -%}
    {{- return('arraySlice(stops, 1, ' ~ call.depth ~ ')') -}}
{%- endmacro -%}


{#- How many transitions each breakdown value has, as `limit_breakdown` wants it. -#}
{%- macro transitions_per_breakdown(call, rows) -%}
    (
        select
            project_id,
            breakdown,
            sum(length(edges)) as size
        from {{ path_edges(call, rows) }}
        group by
            project_id,
            breakdown
    )
{%- endmacro -%}
