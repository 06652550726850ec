{#
    A number is restated when its period had ended before the run that last published it began. Called as a run ends, before
    it commits: what the marts that it built show from now on, beside what they showed, goes to the book `run_restatements`
    (one row per cell and measure), with what the run read that can have changed it.

    A mart says by its config `restated` what its numbers are:

    - `key`: what tells its cells apart besides the project, {alias: SQL on a row}.
    - `period`: [first day, day after the last] of a row, as SQL; in `var('timezone')`.
    - `measures`: the columns that are numbers, where each row is a cell. Such a mart is compared in a full refresh too. Or
      {alias: SQL on a row}, which are summed over the rows that went and those that came, or over all in a full refresh: for models of
      many rows.
    - `news`: [first day, day after the last] whose news can change a row, where that is more than its period.
    - `reads_profiles`: whether a person's being deleted or not can change a row.
    - `mart`: what readers know it as, where that is a view over it.
#}
{% macro record_restatements(results) -%}
    {%- set built = {} -%}
    {%- for result in results if result.node.resource_type == 'model' and result.status == 'success' -%}
        {%- set node = graph.nodes[result.node.unique_id] -%}
        {%- if node.config.get('restated') -%}
            {%- do built.update({node.alias: node}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set news_tables, explained = {}, [] -%}
    {%- for name, node in built.items() if last_commit_of(name) > 0 -%}
        {%- set told = told_until(name, last_commit_of(name)) -%}
        {%- if told not in news_tables -%}
            {%- set until = '__' ~ run_books().run ~ '_' ~ told -%}
            {%- do news_tables.update({told: {'moved': run_table('run_moved' ~ until), 'news': run_table('run_news' ~ until)}}) -%}
            {%- do create_working_table(news_tables[told].moved, persons_moved_since(told), engine='Memory') -%}
            {%- do create_working_table(news_tables[told].news, news_since(told, news_tables[told].moved), engine='Memory') -%}
        {%- endif -%}
        {%- do explained.append(explained_cells(node, told, news_tables[told])) -%}
    {%- endfor -%}
    {%- if explained -%}
        {%- do run_query(
            'insert into ' ~ run_table('run_restatements') ~ ' select * from (' ~ explained | join(') union all select * from (')
            ~ ') settings ' ~ as_working_state()
        ) -%}
        {%- for tables in news_tables.values() -%}
            {%- do drop_all(tables.values() | list) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#
    The run up to which a model had heard the news as run `run` built it: an earlier one where a model between it and those that `tellers`
    name, by default those that `news_since` reads, had not been built in that run.
#}
{% macro told_until(name, run, tellers=['int_events_sessionized', 'person_ids', 'stg_raw__people', 'int_person_profiles']) -%}
    {%- set books, key, found = run_books(), [name, run, tellers] | join(' '), namespace(run=run) -%}
    {%- if key not in books.told -%}
        {%- for between in models_read_by(name) | reject('in', tellers) -%}
            {%- set built = last_run_of(api.Relation.create(identifier=between), run) -%}
            {%- set found.run = [found.run, told_until(between, built, tellers) if built else run] | min -%}
        {%- endfor -%}
        {%- do books.told.update({key: found.run}) -%}
    {%- endif -%}
    {{- return(books.told[key]) -}}
{%- endmacro %}


{# The versioned models that one of them reads, by name. #}
{% macro models_read_by(name) -%}
    {%- set built = run_books().built -%}
    {%- if name in built -%}
        {{- return(built[name].reads) -}}
    {%- endif -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.alias == name -%}
        {{- return(versioned_upstream(node.unique_id).models) -}}
    {%- endfor -%}
{%- endmacro %}


{# project_id, cell_key, cell_start, cell_end, news_start, news_end, and measures as (name, old, new): those that differ. #}
{% macro restated_cells(node, last, began_at) -%}
    {%- set restated = node.config.restated -%}
    {%- set data = api.Relation.create(schema=node.schema, identifier=node.alias ~ '_data') -%}
    {%- set began_on = 'toDate(' ~ string_literal(began_at) ~ '::DateTime64(3, \'UTC\'), ' ~ string_literal(var('timezone')) ~ ')' -%}
    {%- set is_summed = restated.measures is mapping -%}
    {#- The rows that went are gone with the table that was swapped. One of other columns was another mart. -#}
    {%- set before_swap = table_before_swap(api.Relation.create(identifier=node.alias), since=last) -%}
    {%- set measures = [] -%}
    {%- for name in restated.measures -%}
        {%- set number = 'numbers[' ~ loop.index ~ ']' -%}
        {%- do measures.append(
            '(' ~ string_literal(name) ~ ', ' ~ published_number(number, is_summed, 'not is_new') ~ ', '
            ~ published_number(number, is_summed, 'is_new') ~ ')'
        ) -%}
    {%- endfor -%}
    select project_id, cell_key, cell_start, cell_end, news_start, news_end, measures
    from (
        select
            project_id,
            cell_key,
            cell_start,
            cell_end,
            min(first_news) as news_start,
            max(last_news) as news_end,
            -- A row that is not there is a count of 0.
            arrayFilter(
                measure -> {{ is_another_number('ifNull(measure.2, 0)', 'ifNull(measure.3, 0)') }},
                [{{ measures | join(', ') }}]
            ) as measures
        from (
            {%- if before_swap and is_summed and names_and_types(columns_of_versions(before_swap)) == names_and_types(columns_of_versions(data)) %}
            {{ published_cells(restated, before_swap, stood_after(last), is_new='false') }}
            union all
            {{ published_cells(restated, data, 'closed = 0', is_new='true') }}
            {%- else %}
            {{ published_cells(restated, data, came_since(last) ~ ' or ' ~ went_since(last), is_new='closed = 0') }}
            {%- endif %}
        )
        where cell_end <= {{ began_on }}
        group by project_id, cell_key, cell_start, cell_end
    ) as cells
    {%- if is_summed %}
    where notEmpty(measures)
    {%- else %}
    -- A cell past the last one that a project had is published for the first time.
    any left join (
        select project_id, max(toDate({{ restated.period[1] }})) as published_until
        from {{ data }}
        where {{ stood_after(last) }}
        group by project_id
    ) as published using (project_id)
    where notEmpty(measures) and cell_end <= published_until
    {%- endif %}
{%- endmacro %}


{% macro published_number(number, is_summed, condition) -%}
    {%- if is_summed -%}
        toNullable(ifNull(sumIf({{ number }}, {{ condition }}), 0))
    {%- else -%}
        anyOrNullIf({{ number }}, {{ condition }})
    {%- endif -%}
{%- endmacro %}


{#
    project_id, cell_key, cell_start, cell_end, first_news, last_news, numbers, one for each measure, and is_new, of rows of a model. Of
    measures that are sums a row for each cell, else one for each row.
#}
{% macro published_cells(restated, relation, condition, is_new) -%}
    {%- set key, numbers = [], [] -%}
    {%- for alias, sql in restated.key.items() -%}
        {%- do key.append(string_literal(alias) ~ ', toString(' ~ sql ~ ')') -%}
    {%- endfor -%}
    {%- set is_summed = restated.measures is mapping -%}
    {%- for name in restated.measures -%}
        {%- do numbers.append(
            'toNullable(sum(toFloat64(' ~ restated.measures[name] ~ ')))' if is_summed else 'toNullable(toFloat64(' ~ name ~ '))'
        ) -%}
    {%- endfor -%}
    {%- set news_start, news_end = restated.get('news', restated.period) -%}
    select
        project_id,
        map({{ key | join(', ') }}) as cell_key,
        toDate({{ restated.period[0] }}) as cell_start,
        toDate({{ restated.period[1] }}) as cell_end,
        {{ 'min' if is_summed }}(toDate({{ news_start }})) as first_news,
        {{ 'max' if is_summed }}(toDate({{ news_end }})) as last_news,
        [{{ numbers | join(', ') }}] as numbers,
        {{ is_new }} as is_new
    from {{ relation }}
    where {{ condition }}
    {%- if is_summed %}
    group by project_id, cell_key, cell_start, cell_end, is_new
    {%- endif %}
{%- endmacro %}


{#
    Sums of fractions are others in their last digits where their terms come in another order: a part in 10^12 is no
    difference. Counts are told apart up to there.
#}
{% macro is_another_number(old, new) -%}
    abs({{ old }} - {{ new }}) > 1e-12 * least(abs({{ old }}), abs({{ new }}))
{%- endmacro %}


{# The rows for the book, with all reasons that there can be for each. #}
{% macro explained_cells(node, told, news_tables) -%}
    {%- set books, last = run_books(), last_commit_of(node.alias) -%}
    {%- set state = books.built[node.alias] -%}
    {#- By another definition, of the model or of one that it reads, or where it was out of the project. -#}
    {%- set is_defined_anew = state.is_redefined or is_removed_since(last) or was_one_built_whole(state.reads + [node.alias], since=told) -%}
    with

    news as (

        select
            project_id,
            groupUniqArray((news_date, reason)) as dated_reasons
        from (
            select * from {{ news_tables.news }}
            {%- if node.config.restated.get('reads_profiles') %}
            union all
            select * from ({{ profile_news_since(told, news_tables.moved) }})
            {%- endif %}
        )
        group by project_id

    )

    select
        {{ books.run }} as run,
        {{ string_literal(node.alias) }} as model,
        {{ string_literal(node.config.restated.get('mart', node.alias)) }} as mart,
        cells.project_id as project_id,
        cells.cell_key as key,
        cells.cell_start as period_start,
        cells.cell_end as period_end,
        difference.1 as measure,
        difference.2 as old,
        difference.3 as new,
        arraySort(
            reason -> indexOf(['plan', 'deletion', 'unmerge', 'merge', 'replay', 'late'], reason),
            arrayDistinct(arrayConcat(
                {{ "['plan']" if is_defined_anew else '[]' }},
                arrayMap(
                    dated -> dated.2,
                    arrayFilter(dated -> dated.1 >= cells.news_start and dated.1 < cells.news_end, news.dated_reasons)
                )
            ))
        ) as reasons
    from (
        {{ restated_cells(node, last, books.commits[node.alias].began_at) | indent(8) }}
    ) as cells
    left any join news on cells.project_id = news.project_id
    array join cells.measures as difference
{%- endmacro %}


{#
    What came since a run that can change numbers of the past: project_id, news_date, reason, each once. An event that only
    moved to another session is no news.
#}
{% macro news_since(last, moved_table) -%}
    {%- set facts = data_of(ref('int_events_sessionized')) -%}
    {%- set local_date = 'toDate(occurred_at, ' ~ string_literal(var('timezone')) ~ ')' -%}
    select distinct project_id, news_date, reason
    from (
        select
            project_id,
            {{ local_date }} as news_date,
            if(lane = 'replay', 'replay', 'late') as reason
        from {{ facts }}
        where
            {{ landed_since(last, 'events', ref('int_events_sessionized'), read_by=[ref('stg_raw__event_copies'), ref('stg_raw__event_times')]) }}
            and ({{ record_coordinates() }}) not in (
                select {{ record_coordinates() }} from {{ facts }} where {{ went_since(last) }}
            )
        union all
        select project_id, {{ local_date }}, 'late'
        from {{ facts }}
        where
            {{ went_since(last) }}
            and ({{ record_coordinates() }}) not in (
                select {{ record_coordinates() }} from {{ facts }} where {{ came_since(last) }}
            )
        union all
        select moved.project_id, {{ local_date }}, moved.reason
        from {{ moved_table }} as moved
        inner join (
            select identifier_key, occurred_at
            from {{ facts }}
            -- A key is of one project.
            prewhere closed = 0 and identifier_key in (select identifier_key from {{ moved_table }})
        ) as events on moved.identifier_key = events.identifier_key
        where events.occurred_at >= moved.moved_from and events.occurred_at < moved.moved_to
    )
{%- endmacro %}


{#
    Whether a record of a stream came to a versioned model since a run. Rows of a table that was swapped since are of no run: of them those
    that the model had not read by then, nor those that read before it (as in `new_records`).
#}
{% macro landed_since(last, stream, relation, read_by) -%}
    {%- if not was_one_built_whole([relation.identifier], since=last) -%}
        {{- return(came_since(last)) -}}
    {%- endif -%}
    {%- set read = namespace(until=last) -%}
    {%- for each in [relation] + read_by -%}
        {%- set read.until = committed_run_of(each, read.until) -%}
    {%- endfor -%}
    (closed = 0 and (run > {{ last }} or (run = 0 and {{ records_between(stream, read.until, run_books().run) }})))
{%- endmacro %}


{#
    The same, of what can delete persons or bring them back. A profile has no day of its own. A message other than `delete` is news
    in projects where a deleted profile is another one now; whoever merged or parted, where that made or ended a deleted one.
#}
{% macro profile_news_since(last, moved_table) -%}
    {%- set messages = data_of(ref('stg_raw__people')) -%}
    with

    deleted as (

        select project_id, person_id, closed > 0 as went
        from {{ data_of(ref('int_person_profiles')) }}
        where ({{ came_since(last) }} or {{ went_since(last) }}) and is_deleted

    )

    select distinct
        project_id,
        toDate(0) as news_date,
        multiIf(type = 'delete', 'deletion', lane = 'replay', 'replay', 'late') as reason
    from {{ messages }}
    where
        ({{ landed_since(last, 'people', ref('stg_raw__people'), read_by=[ref('stg_raw__people_copies')]) }} or {{ went_since(last) }})
        and (type = 'delete' or project_id in (select deleted.project_id from deleted where deleted.went))
    union all
    select distinct
        project_id,
        toDate(0),
        reason
    from {{ moved_table }}
    where
        (project_id, person_before) in (select deleted.project_id, deleted.person_id from deleted)
        or (project_id, person_after) in (select deleted.project_id, deleted.person_id from deleted)
{%- endmacro %}


{#
    `moved_identifiers` with a reason, as `identity_changes` has its kinds. Who has one person still with whom that was named by was merged,
    and who belongs to another now than that one was parted from it. A device that was taken over was merged where nobody has the name any more.
#}
{% macro persons_moved_since(last) -%}
    {%- set persons = data_of(ref('person_ids')) -%}
    select
        moved.*,
        if(
            namesake.canonical_now = moved.canonical_after
            or (namesake.canonical_now = '' and moved.node_before != moved.node_after),
            'merge',
            'unmerge'
        ) as reason
    from ({{ moved_identifiers(last) | indent(4) }}) as moved
    left any join (
        select
            project_id,
            node,
            canonical_node as canonical_now
        from {{ persons }}
        where closed = 0 and node in (select canonical_node from {{ persons }} where {{ went_since(last) }})
    ) as namesake on moved.project_id = namesake.project_id and moved.canonical_before = namesake.node
{%- endmacro %}
