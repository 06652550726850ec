{#
    A load position is the highest live offset of each topic-partition, and the highest replay_seq: a replayed record
    has an old offset and is new all the same. A run reads up to the positions that it found at its start; what it has
    to read lies between them and those of the run that its model last finished.

    Of a known topic-partition only what lies past its last position is looked at, so the search does not grow with history.
#}
{% macro fix_positions(stream, raw) -%}
    {%- set positions = run_table('run_positions') -%}
    {%- set last = run_query(
        'select lane, topic, generation, partition, position from ' ~ positions ~ ' where stream = ' ~ string_literal(stream)
        ~ ' and run = (select max(run) from ' ~ positions ~ ' where stream = ' ~ string_literal(stream) ~ ')'
    ).rows -%}
    {%- set known, news, replayed = [], [], namespace(after=0) -%}
    {%- for row in last -%}
        {%- if row['lane'] == 'replay' -%}
            {%- set replayed.after = row['position'] -%}
        {%- else -%}
            {%- set place = [string_literal(row['topic']), row['generation'], row['partition']] | join(', ') -%}
            {%- do known.append('(' ~ place ~ ')') -%}
            {%- do news.append('((topic, generation, partition) = (' ~ place ~ ') and offset > ' ~ row['position'] ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if known -%}
        {%- do news.append('(topic, generation, partition) not in (' ~ known | join(', ') ~ ')') -%}
    {%- endif -%}
    {%- do run_query(
        'insert into ' ~ positions ~ ' select (select max(run) from ' ~ run_table('runs') ~ ' where run_id = '
        ~ string_literal(invocation_id) ~ '), ' ~ string_literal(stream)
        ~ ', lane, topic, generation, partition, max(position) from ('
        ~ 'select lane, topic, generation, partition, position from ' ~ positions ~ ' where stream = '
        ~ string_literal(stream) ~ ' and run = (select max(run) from ' ~ positions ~ ' where stream = '
        ~ string_literal(stream) ~ ')'
        ~ " union all select 'live', topic, generation, partition, max(offset) from " ~ raw
        ~ " where lane = 'live' and (" ~ (news | join(' or ') or 'true') ~ ') group by topic, generation, partition'
        ~ " union all select 'replay', '', 0, 0, toInt64(max(replay_seq)) from " ~ raw
        ~ " where lane = 'replay' and replay_seq > " ~ replayed.after
        ~ ') group by lane, topic, generation, partition'
    ) -%}
{%- endmacro %}


{#
    Whether a record of a raw table lies past what run `after` had read (`none`: from the first record) and not past what
    run `up_to` reads. Literals, so that the raw table's primary key answers it.
#}
{% macro records_between(stream, after, up_to) -%}
    {%- set positions = run_table('run_positions') -%}
    {%- set conditions = [] -%}
    {%- for row in run_query(
        'select lane, topic, generation, partition, maxIf(position, run = ' ~ up_to ~ ') as last, '
        ~ ('-1' if after is none else 'if(countIf(run = ' ~ after ~ ') = 0, -1, maxIf(position, run = ' ~ after ~ '))')
        ~ ' as first from ' ~ positions ~ ' where stream = ' ~ string_literal(stream) ~ ' and run in ('
        ~ up_to ~ ('' if after is none else ', ' ~ after) ~ ')'
        ~ ' group by lane, topic, generation, partition having last > first order by lane, topic, generation, partition'
    ).rows -%}
        {%- if row['lane'] == 'replay' -%}
            {%- do conditions.append(
                "(lane = 'replay' and replay_seq > " ~ [row['first'], 0] | max ~ ' and replay_seq <= ' ~ row['last'] ~ ')'
            ) -%}
        {%- else -%}
            {%- do conditions.append(
                "(lane = 'live' and topic = " ~ string_literal(row['topic']) ~ ' and generation = ' ~ row['generation']
                ~ ' and partition = ' ~ row['partition'] ~ ' and offset > ' ~ row['first'] ~ ' and offset <= ' ~ row['last'] ~ ')'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return('(' ~ conditions | join('\n        or ') ~ ')' if conditions else 'false') -}}
{%- endmacro %}


{#
    The records of a stream that this model has not read yet; all of them in a full refresh. `read_by` names the other versioned
    models that must have read a record before this one may, each of which reads after the next. The server is asked once; the answer
    is kept with the model's state.
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
