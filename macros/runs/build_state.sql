{#
    How the model that is compiled or built stands: run (this one), last (the run that it last finished and committed),
    is_full (whether it is built from everything), exists, fingerprint, is_redefined (whether that was another then), reads (the
    versioned models that it reads), is_building
    (false in unit tests, `dbt show` and the like, where a model is its full SELECT).

    A model is built whole when it never was, when asked for, when its SQL, its seeds or its variables changed, when a model
    that it reads was built whole since, when its own full build was not committed, when it was out of the project for so long that what it
    has not read was removed, or when the model that it is `built_before`
    (config) and asks for its earlier state never was committed.

    Found once, as the model is compiled. The context in which it is built has a `model` of its own, so it is kept with the
    graph's node, by invocation, as a process may build more than once. Unit tests have no graph.
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
    {%- set books, upstream = run_books(), versioned_upstream(model.unique_id) -%}
    {%- set last = last_commit_of(model.alias) -%}
    {%- set exists = last > 0 and has_table(data_of(this)) -%}
    {%- set has_companion = not config.get('built_before') or last_commit_of(config.get('built_before')) > 0 -%}
    {%- set fingerprint = local_md5(tojson(upstream.fingerprints)) -%}
    {%- set is_redefined = books.fingerprints.get(model.alias) != fingerprint -%}
    {%- do check_lookups(upstream.lookups) -%}
    {%- set is_stale = not has_companion or flags.FULL_REFRESH or is_redefined or is_removed_since(last)
        or was_one_built_whole(upstream.models + [model.alias], since=last) -%}
    {{- return({
        'is_building': true,
        'run': this_run(),
        'last': last,
        'exists': exists,
        'fingerprint': fingerprint,
        'is_redefined': is_redefined,
        'is_full': not exists or (is_stale and model.config.materialized != 'ledger'),
        'reads': upstream.models,
    }) -}}
{%- endmacro %}


{# The versioned models that a model reads, also through views, the look-ups that it asks, and what its rows follow from besides them. #}
{% macro versioned_upstream(unique_id) -%}
    {%- set names, lookups, fingerprints, seen, waiting = [], [], [fingerprint_of(graph.nodes[unique_id])], {}, [unique_id] -%}
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
                    {%- do lookups.append(node) if node.config.materialized == 'turning_dictionary' -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in ['timezone', 'week_start', 'default_where', 'session_gap', 'sessionless_where', 'attribution_lookback',
        'max_users_per_device', 'max_identifiers'] -%}
        {%- do fingerprints.append(var(name, none)) -%}
    {%- endfor -%}
    {%- do fingerprints.append([planned_properties(), tracking_plan().renamed_events, tracking_plan().conversions]) -%}
    {{- return({'models': names, 'lookups': lookups, 'fingerprints': fingerprints}) -}}
{%- endmacro %}


{# Of a seed it is the table that counts: until its file is loaded, models read what stands. #}
{% macro fingerprint_of(node) -%}
    {%- set is_seed = node.resource_type == 'seed' -%}
    {%- set checksum = run_books().seeds.get(node.schema ~ '.' ~ node.alias) if is_seed else node.checksum.checksum -%}
    {%- set contract = [] -%}
    {%- if node.config.get('contract', {}).enforced -%}
        {%- for column in node.columns.values() -%}
            {%- do contract.append([column.name, column.data_type]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set definition = node.config.get('definition') -%}
    {{- return(
        [node.alias, node.get('raw_code', ''), checksum, node.config.materialized, contract]
        + ([definition] if definition else [])
    ) -}}
{%- endmacro %}
