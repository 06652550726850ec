{#
    A load position is the highest live offset of each topic-partition, and the highest replay_seq: a replayed record
    has an old offset and is new all the same. A run reads up to the positions that it found at its start; what it has
    to read lies between them and those of the run that its model last finished.

    Of a known topic-partition only what lies past its last position is looked at, so the search does not grow with history.
#}
{% macro fix_positions(raw_tables) -%}
    {%- set positions = run_table('run_positions') -%}
    {%- set last = {} -%}
    {%- for row in run_query(
        'select stream, run, lane, topic, generation, partition, position from ' ~ positions
        ~ ' where (stream, run) in (select stream, max(run) from ' ~ positions ~ ' group by stream)'
    ).rows -%}
        {%- do last.setdefault(row['stream'], []).append(row) -%}
    {%- endfor -%}
    {%- set selects = [] -%}
    {%- for stream, raw in raw_tables.items() -%}
        {%- set places, news, replayed = [], [], namespace(after=0) -%}
        {%- for row in last.get(stream, []) -%}
            {%- if row['lane'] == 'replay' -%}
                {%- set replayed.after = row['position'] -%}
            {%- else -%}
                {%- do places.append(row) -%}
                {%- do news.append('offset > ' ~ row['position']) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set name = string_literal(stream) -%}
        {%- if last.get(stream) -%}
            {%- do selects.append(
                'select stream, lane, topic, generation, partition, position from ' ~ positions ~ ' where stream = ' ~ name
                ~ ' and run = ' ~ last[stream][0]['run']
            ) -%}
        {%- endif -%}
        {#- In a SELECT that calls a constant `lane` the conditions on the lane would mean the constant. -#}
        {%- do selects.append(
            'select ' ~ name ~ ' as stream, lane, topic, generation, partition, max(offset) as position from ' ~ raw
            ~ " where lane = 'live' and " ~ by_place(places, news, otherwise='true') ~ ' group by lane, topic, generation, partition'
        ) -%}
        {%- do selects.append(
            'select ' ~ name ~ " as stream, 'replay' as lane, '' as topic, 0 as generation, 0 as partition, toInt64(max(replay_seq)) as position from "
            ~ '(select replay_seq from ' ~ raw ~ " where lane = 'replay' and replay_seq > " ~ replayed.after ~ ')'
        ) -%}
    {%- endfor -%}
    {%- do run_query(
        'insert into ' ~ positions ~ ' select ' ~ run_books().run ~ ', stream, lane, topic, generation, partition, max(position) from ('
        ~ selects | join(' union all ') ~ ') group by stream, lane, topic, generation, partition'
    ) -%}
{%- endmacro %}


{#
    A condition on records by their topic-partitions: `conditions`, one for each of `places` (rows with topic, generation and partition),
    and `otherwise` (a condition; `none`: never) for records of none of them. Each part of a raw table is asked all of it before it is
    read, so a topic is named once and not with each of its partitions. Others are told by bounds: of a granule that reaches from one
    topic-partition to the next an index of ranges answers those, but not whether three columns together are in a list.
#}
{% macro by_place(places, conditions, otherwise=none) -%}
    {%- set topics, cases = {}, [] -%}
    {%- for place in places -%}
        {%- set generations = topics.setdefault(place['topic'], {}) -%}
        {%- do generations.setdefault(place['generation'] | int, {}).update({place['partition'] | int: conditions[loop.index0]}) -%}
    {%- endfor -%}
    {%- for topic, generations in topics.items() -%}
        {%- set of_generations = {} -%}
        {%- for generation, partitions in generations.items() -%}
            {%- do of_generations.update({generation: by_number('partition', partitions, otherwise)}) -%}
        {%- endfor -%}
        {%- do cases.append('topic = ' ~ string_literal(topic) ~ ' and ' ~ by_number('generation', of_generations, otherwise)) -%}
    {%- endfor -%}
    {%- if otherwise is not none -%}
        {%- do cases.append(('topic not in (' ~ string_literals(topics) ~ ') and ' if topics else '') ~ otherwise) -%}
    {%- endif -%}
    ({{ cases | join('\n or ') or 'false' }})
{%- endmacro %}


{# The same by a column of natural numbers: {number: condition}. #}
{% macro by_number(column, conditions, otherwise) -%}
    {%- set cases = [] -%}
    {%- for number, condition in conditions.items() -%}
        {%- do cases.append(column ~ ' = ' ~ number ~ ' and ' ~ condition) -%}
    {%- endfor -%}
    {%- if otherwise is not none -%}
        {%- do cases.append(is_outside(column, conditions) ~ ' and ' ~ otherwise) -%}
    {%- endif -%}
    ({{ cases | join('\n or ') }})
{%- endmacro %}


{# Whether a column of natural numbers has none of these. #}
{% macro is_outside(column, numbers) -%}
    {%- set gaps, following = [], namespace(first=0) -%}
    {%- for number in numbers | sort -%}
        {%- if number > following.first -%}
            {%- do gaps.append(column ~ ' between ' ~ following.first ~ ' and ' ~ (number - 1)) -%}
        {%- endif -%}
        {%- set following.first = number + 1 -%}
    {%- endfor -%}
    ({{ (gaps + [column ~ ' >= ' ~ following.first]) | join(' or ') }})
{%- endmacro %}


{#
    Whether a record of a raw table lies past what run `after` had read (`none`: from the first record) and not past what
    run `up_to` reads. Literals, so that the raw table's primary key answers it. Models that go from one run to the same one
    ask it once.
#}
{% macro records_between(stream, after, up_to) -%}
    {%- set bounds, name = run_books().bounds, [stream, after, up_to] | join(' ') -%}
    {%- if name not in bounds -%}
        {%- set conditions, places, ranges = [], [], [] -%}
        {%- for row in positions_between(stream, after, up_to) -%}
            {%- if row['lane'] == 'replay' -%}
                {%- do conditions.append(
                    "lane = 'replay' and replay_seq > " ~ [row['first'], 0] | max ~ ' and replay_seq <= ' ~ row['last']
                ) -%}
            {%- else -%}
                {%- do places.append(row) -%}
                {%- do ranges.append('offset > ' ~ row['first'] ~ ' and offset <= ' ~ row['last']) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if places -%}
            {%- do conditions.append("lane = 'live' and " ~ by_place(places, ranges)) -%}
        {%- endif -%}
        {%- do bounds.update({name: '(' ~ conditions | join('\n        or ') ~ ')' if conditions else 'false'}) -%}
    {%- endif -%}
    {{- return(bounds[name]) -}}
{%- endmacro %}


{# lane, topic, generation, partition, first, last: where the second of two runs reads further than the first. #}
{% macro positions_between(stream, after, up_to) -%}
    {{- return(run_query(
        'select lane, topic, generation, partition, maxIf(position, run = ' ~ up_to ~ ') as last, '
        ~ ('-1' if after is none else 'if(countIf(run = ' ~ after ~ ') = 0, -1, maxIf(position, run = ' ~ after ~ '))')
        ~ ' as first from ' ~ run_table('run_positions') ~ ' where stream = ' ~ string_literal(stream) ~ ' and run in ('
        ~ up_to ~ ('' if after is none else ', ' ~ after) ~ ')'
        ~ ' group by lane, topic, generation, partition having last > first order by lane, topic, generation, partition'
    ).rows) -}}
{%- endmacro %}


{#
    The records of a stream that this model has not read yet; all of them in a full refresh. `read_by` names the other versioned
    models that must have read a record before this one may, each of which reads after the next. Kept with the model's state.
#}
{% macro new_records(stream, read_by=[]) -%}
    {%- set state, name = build_state(), 'new_' ~ stream ~ read_by | join -%}
    {%- if not state.is_building -%}
        {{- return('true') -}}
    {%- endif -%}
    {%- if name not in state -%}
        {#- Where a run builds the model without the others, it goes as far as those had come, then and now. -#}
        {%- set bounds = namespace(after=none if state.is_full else state.last, up_to=state.run) -%}
        {%- for relation in read_by -%}
            {%- set bounds.after = none if state.is_full else committed_run_of(relation, bounds.after) -%}
            {%- set bounds.up_to = last_run_of(relation, bounds.up_to) -%}
        {%- endfor -%}
        {%- do state.update({name: records_between(stream, bounds.after, bounds.up_to)}) -%}
    {%- endif -%}
    {{- return(state[name]) -}}
{%- endmacro %}
