{#
    The on-run-start hook: number this run, end what an earlier one still sends, take back what it left half done, and
    fix how far raw is read. Only where models are built.
#}
{% macro begin_run() -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- do refuse_models_without_versions(graph.nodes) -%}
        {%- do create_run_tables() -%}
        {%- do run_query(
            "insert into " ~ run_table('runs') ~ " select max(run) + 1, " ~ string_literal(invocation_id)
            ~ ", now64(3, 'UTC') from " ~ run_table('runs')
        ) -%}
        {%- do refuse_a_shared_number() -%}
        {%- do note_run_in_memory() -%}
        {%- do end_older_runs() -%}
        {%- do take_back_uncommitted_rows() -%}
        {%- do fix_positions({
            'events': source('raw', 'events'), 'identities': source('raw', 'identities'), 'people': source('raw', 'people')
        }) -%}
    {%- endif -%}
{%- endmacro %}


{# Runs that begin in one instant take one number. Each looks once its own is told, so of two one at least sees that they share it, and ends. #}
{% macro refuse_a_shared_number() -%}
    {%- set found = run_query(
        'select run, count() as runs from ' ~ run_table('runs') ~ ' where run = (select max(run) from ' ~ run_table('runs')
        ~ ' where run_id = ' ~ string_literal(invocation_id) ~ ') group by run'
    ).rows[0] -%}
    {%- if found['runs'] > 1 -%}
        {%- do exceptions.raise_compiler_error(
            'Another run began in the same instant, and is run ' ~ found['run'] ~ ' as well. This one has built nothing; build again.'
        ) -%}
    {%- endif -%}
{%- endmacro %}


{#
    Working tables of a run are in memory, so they stand empty once the server has been started again, and so does this one: whoever asks one
    of them then could take no rows for no news.
#}
{% macro note_run_in_memory() -%}
    {%- do run_query(
        'create or replace table ' ~ run_table('run_in_memory') ~ ' engine = Memory as select max(run) as run from ' ~ run_table('runs')
    ) -%}
{%- endmacro %}


{#
    A dbt process that died may have left a statement behind it that would write after this run has cleaned up. A mutation goes on
    without whoever asked for it.
#}
{% macro end_older_runs() -%}
    {%- do run_query(
        "kill query where is_initial_query and query_id != queryID() and user = currentUser()"
        ~ " and JSONExtractString(extract(query, '^/\\\\* (.*) \\\\*/'), 'builds') = " ~ string_literal(target.schema)
        ~ " and JSONExtractString(extract(query, '^/\\\\* (.*) \\\\*/'), 'invocation') != " ~ string_literal(invocation_id)
        ~ " sync"
    ) -%}
    {%- do run_query(
        'kill mutation where not is_done and database in (' ~ string_literals(build_databases()) ~ ") and command like '%UPDATE closed = %' sync"
    ) -%}
{%- endmacro %}


{#
    Rows of a run that never committed are deleted, and rows that it closed stand again; not those of a newer run, which may have begun
    meanwhile. A full refresh that was not committed shows already; `build_state` has its model built again.
#}
{% macro take_back_uncommitted_rows() -%}
    {%- set looks = [] -%}
    {%- for relation in run_books().tables.values() | map(attribute='relation') -%}
        {%- set committed = last_commit_of(relation.identifier[:-5]) -%}
        {#- Two searches, as each has an index that answers it. -#}
        {%- do looks.append(
            'select ' ~ string_literal(relation ~ '') ~ ' as data_table, ' ~ committed ~ ' as committed from ' ~ relation
            ~ ' where run > ' ~ committed ~ ' union all select ' ~ string_literal(relation ~ '') ~ ', ' ~ committed
            ~ ' from ' ~ relation ~ ' where closed > ' ~ committed
        ) -%}
    {%- endfor -%}
    {%- if looks -%}
        {%- for row in run_query('select distinct * from (' ~ looks | join(' union all ') ~ ')').rows -%}
            {%- do log(row['data_table'] ~ ': taking back what a run left that did not finish', info=true) -%}
            {%- do run_query(
                'alter table ' ~ row['data_table'] ~ ' delete where run > ' ~ row['committed'] ~ ' and run < ' ~ run_books().run
                ~ ' settings mutations_sync = 1'
            ) -%}
            {%- do run_query(
                'alter table ' ~ row['data_table'] ~ ' update closed = 0 where closed > ' ~ row['committed'] ~ ' and closed < '
                ~ run_books().run ~ ' settings mutations_sync = 1'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set tables = engine_tables(['%\\\\_\\\\_%', '\\\\_tmp\\\\_replace\\\\_%']) | map(attribute='relation') | list -%}
    {%- do note_tables_before_swaps(tables) -%}
    {%- do drop_all(left_behind_among(tables)) -%}
{%- endmacro %}


{% macro existing_data_tables() -%}
    {%- set wanted, found = {}, [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized in ['versioned', 'ledger'] -%}
        {%- do wanted.update({node.schema ~ '.' ~ node.alias ~ '_data': true}) -%}
    {%- endfor -%}
    {%- for table in engine_tables(['%_data']) if table.relation.schema ~ '.' ~ table.relation.identifier in wanted -%}
        {%- do found.append(table) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}


{#
    `<model>__<run>_<what>` of a run that ended early, and what it was to tell restatements by. A server that is killed leaves what was to
    replace a table under a name of its own.
#}
{% macro left_behind_among(tables) -%}
    {#- An earlier release kept `run_sums` of what it swapped. -#}
    {%- set names = ['run_news', 'run_moved', 'run_sums'] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized in ['versioned', 'ledger'] -%}
        {%- do names.append(node.alias) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for table in tables if not is_before_swap(table) -%}
        {%- if table.identifier.rsplit('__', 1)[0] in names or table.identifier.startswith('_tmp_replace_') -%}
            {%- do found.append(table) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}


{# What has rows where the project builds, by patterns of names: {relation, rows}. #}
{% macro engine_tables(patterns) -%}
    {%- set tables = [] -%}
    {%- for row in run_query(
        'select database, name, total_rows from system.tables where database in (' ~ string_literals(build_databases()) ~ ')'
        ~ " and engine not in ('View', 'Dictionary') and (name like '" ~ patterns | join("' or name like '") ~ "')"
    ).rows -%}
        {%- set relation = api.Relation.create(schema=row['database'], identifier=row['name'], type='table') -%}
        {%- do tables.append({'relation': relation, 'rows': row['total_rows']}) -%}
    {%- endfor -%}
    {{- return(tables) -}}
{%- endmacro %}


{# Where the project builds. #}
{% macro build_databases() -%}
    {{- return([generate_schema_name(none, none), generate_schema_name('staging', none)]) -}}
{%- endmacro %}
