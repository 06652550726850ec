{#
    How the model that is compiled or built stands: run (this one), last (the run that it last finished and committed),
    is_full (whether it is built from everything), exists, fingerprint, is_redefined (whether that was another then), is_building
    (false in unit tests, `dbt show` and the like, where a model is its full SELECT).

    A model is built whole when it never was, when asked for, when its SQL, its seeds or its variables changed, when a model
    that it reads was built whole since, when its own full build was not committed, or when the model that it is `built_before`
    (config) and asks for its earlier state never was committed.

    The server is asked once, as the model is compiled. The context in which it is built has a `model` of its own, so the
    answer is kept with the graph's node, by invocation, as a process may build more than once. Unit tests have no graph.
#}
{% macro build_state() -%}
    {%- set node = graph.get('nodes', {}).get(model.unique_id, model) if execute else model -%}
    {%- set name = 'build_state_' ~ invocation_id -%}
    {%- if name not in node -%}
        {%- do node.update({name: ask_build_state()}) -%}
    {%- endif -%}
    {{- return(node[name]) -}}
{%- endmacro %}


{% macro ask_build_state() -%}
    {%- if not execute or flags.WHICH not in ['run', 'build'] or model.resource_type != 'model'
        or model.config.materialized not in ['versioned', 'ledger'] -%}
        {{- return({'is_building': false, 'is_full': true, 'run': 0, 'last': 0}) -}}
    {%- endif -%}
    {%- set upstream = versioned_upstream(model.unique_id) -%}
    {%- set name = string_literal(model.alias) -%}
    {%- set companion = string_literal(config.get('built_before', '')) -%}
    {%- set models, commits = run_table('run_models'), run_table('run_commits') -%}
    {#- Few subqueries: of so small a question planning is all that it costs, and each model asks it. -#}
    {%- set row = run_query(
        'with (select (maxIf(run, run_id = ' ~ string_literal(invocation_id) ~ '), max(run)) from ' ~ run_table('runs') ~ ') as runs, '
        ~ '(select (maxIf(run, model = ' ~ name ~ '), countIf(model = ' ~ companion ~ ')) from ' ~ commits
        ~ ' where model in (' ~ name ~ ', ' ~ companion ~ ')) as commits '
        ~ 'select runs.1 as this_run, runs.2 as newest_run, commits.1 as last_run, commits.2 as companion_runs, '
        ~ 'argMaxIf(fingerprint, run, model = ' ~ name ~ ' and run = last_run) as fingerprint, '
        ~ 'countIf(is_full and run > last_run and (model != ' ~ name ~ ' or run != this_run)) as refreshes, '
        ~ '(select count() from system.tables where database = ' ~ string_literal(this.schema) ~ ' and name = '
        ~ string_literal(this.identifier ~ '_data') ~ ') as tables '
        ~ 'from ' ~ models ~ ' where run >= last_run and model in (' ~ string_literals(upstream.models + [model.alias]) ~ ')'
    ).rows[0] -%}
    {%- if row['this_run'] != row['newest_run'] -%}
        {%- do exceptions.raise_compiler_error(
            this ~ ': run ' ~ row['newest_run'] ~ ' began while this one, ' ~ row['this_run']
            ~ ', was under way, and has taken over. Nothing is lost; build again when it has ended.'
        ) -%}
    {%- endif -%}
    {%- set exists = row['tables'] > 0 and row['last_run'] > 0 -%}
    {%- set has_companion = row['companion_runs'] > 0 or not config.get('built_before') -%}
    {%- set fingerprint = local_md5(tojson(upstream.fingerprints)) -%}
    {{- return({
        'is_building': true,
        'run': row['this_run'],
        'last': row['last_run'],
        'exists': exists,
        'fingerprint': fingerprint,
        'is_redefined': row['fingerprint'] != fingerprint,
        'is_full': not exists if model.config.materialized == 'ledger' else not exists or not has_companion or flags.FULL_REFRESH or row['refreshes'] > 0 or row['fingerprint'] != fingerprint,
    }) -}}
{%- endmacro %}


{# Note that this run has built the model, for those that read it and for the runs to come. #}
{% macro mark_built(state, is_full=false) -%}
    {%- do run_query(
        'insert into ' ~ run_table('run_models') ~ ' values (' ~ state.run ~ ', ' ~ string_literal(this.identifier) ~ ', '
        ~ is_full ~ ', ' ~ string_literal(state.fingerprint) ~ ", now64(3, 'UTC'))"
    ) -%}
{%- endmacro %}


{# The versioned models that a model reads, also through views, and what its rows follow from besides them. #}
{% macro versioned_upstream(unique_id) -%}
    {%- set names, fingerprints, seen, waiting = [], [fingerprint_of(graph.nodes[unique_id])], {}, [unique_id] -%}
    {%- for _ in range(1000) if waiting -%}
        {%- if waiting -%}
            {%- for parent in graph.nodes[waiting.pop()].depends_on.nodes if parent in graph.nodes and parent not in seen -%}
                {%- do seen.update({parent: true}) -%}
                {%- set node = graph.nodes[parent] -%}
                {%- if node.config.materialized == 'versioned' -%}
                    {%- do names.append(node.alias) -%}
                {%- else -%}
                    {%- do fingerprints.append(fingerprint_of(node)) -%}
                    {%- do waiting.append(parent) if node.resource_type == 'model' -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in ['timezone', 'week_start', 'default_where', 'session_gap', 'sessionless_where', 'attribution_lookback',
        'max_users_per_device', 'max_identifiers'] -%}
        {%- do fingerprints.append(var(name, none)) -%}
    {%- endfor -%}
    {%- do fingerprints.append([planned_properties(), tracking_plan().renamed_events, tracking_plan().conversions]) -%}
    {{- return({'models': names, 'fingerprints': fingerprints}) -}}
{%- endmacro %}


{% macro fingerprint_of(node) -%}
    {%- set contract = [] -%}
    {%- if node.config.get('contract', {}).enforced -%}
        {%- for column in node.columns.values() -%}
            {%- do contract.append([column.name, column.data_type]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set definition = node.config.get('definition') -%}
    {{- return(
        [node.alias, node.get('raw_code', ''), node.checksum.checksum, node.config.materialized, contract]
        + ([definition] if definition else [])
    ) -}}
{%- endmacro %}


{# The run whose state of a versioned model run `run` reads: its own where it has built the model. #}
{% macro last_run_of(relation, run) -%}
    {{- return(single_value(
        'select greatest((select max(run) from ' ~ run_table('run_models') ~ ' where model = '
        ~ string_literal(relation.identifier) ~ ' and run = ' ~ run ~ '), (' ~ committed_runs(relation, run) ~ '))'
    )) -}}
{%- endmacro %}


{# The last run up to `run` that committed a model. #}
{% macro committed_run_of(relation, run) -%}
    {{- return(single_value(committed_runs(relation, run))) -}}
{%- endmacro %}


{% macro committed_runs(relation, run) -%}
    {{- return(
        'select max(run) from ' ~ run_table('run_commits') ~ ' where model = ' ~ string_literal(relation.identifier)
        ~ ' and run <= ' ~ run
    ) -}}
{%- endmacro %}
