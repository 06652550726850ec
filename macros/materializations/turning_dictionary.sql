{#
    A dictionary of the rows of a versioned model, kept twice: a run loads the one that nobody reads, and readers go over to
    it in the instant in which the run commits (`slot_of_lookup`). Each is defined by the run that it was loaded for,
    so a server that starts again loads what it held before.

    Those of one model (`source_model`, config) turn together, as what goes out of one may have gone over to another. A run that
    has not built them all, as it failed or was not asked to, turns none.
#}
{% materialization turning_dictionary, adapter='clickhouse' %}

    {%- set books, source = run_books(), ref(config.require('source_model')) -%}
    {%- set last = last_commit_of(this.identifier) -%}
    {%- set state = {'run': this_run(), 'fingerprint': local_md5(tojson([fingerprint_of(model), config.require('fields')]))} -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set changed = last == 0 or books.fingerprints.get(this.identifier) != state.fingerprint or has_changed(source, last) -%}
    {%- set slot_before = single_value(
        'select argMax(slot, run) from ' ~ run_table('run_lookups') ~ ' where lookup = ' ~ string_literal(this.identifier)
        ~ ' and run <= ' ~ last
    ) -%}
    {%- set slot = 1 - slot_before if changed else slot_before -%}
    {%- for place in [0, 1] -%}
        {%- call statement('main' if place == slot else 'other') -%}
            {#- The one that nobody reads is made anew, as the model or the password may have changed. #}
            {%- set is_new = changed and place == slot %}
            create {{ 'or replace' if is_new }} dictionary {{ 'if not exists' if not is_new }} {{ turning_slot(this, place) }}
            {{ dictionary_definition(sql | replace('__run__', state.run)) }}
        {%- endcall -%}
    {%- endfor -%}
    {%- if changed -%}
        {%- do run_query('system reload dictionary ' ~ turning_slot(this, slot)) -%}
    {%- endif -%}
    {%- do books.loaded.update({this.identifier: slot}) -%}
    {%- do turn_lookups(state.run) -%}
    {%- do mark_built(state) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': []}) }}

{% endmaterialization %}


{# Note in one insert which slots those of the model that is built are in, once this run has loaded them all. #}
{% macro turn_lookups(run) -%}
    {%- set loaded, names, rows = run_books().loaded, lookups_beside(this.identifier), [] -%}
    {%- if not names | reject('in', loaded) | list -%}
        {%- for name in names -%}
            {%- do rows.append('(' ~ [run, string_literal(name), loaded[name]] | join(', ') ~ ')') -%}
            {%- do run_books().slots.update({name: loaded[name]}) -%}
        {%- endfor -%}
        {%- do run_query('insert into ' ~ run_table('run_lookups') ~ ' values ' ~ rows | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}


{#
    Raise where one of these look-ups, as nodes, is behind the model that it is of: who reads both would mix what is with what was, and
    take what changed for read.
#}
{% macro check_lookups(lookups) -%}
    {%- for node in lookups -%}
        {%- set books, names, held = run_books(), lookups_beside(node.alias), graph.nodes[node.depends_on.nodes[0]] -%}
        {%- set source = api.Relation.create(schema=held.schema, identifier=held.alias) -%}
        {%- set turned = last_commit_of(node.alias) if names | reject('in', books.loaded) | list else books.run -%}
        {%- if last_run_of(source, books.run) > turned and has_changed(source, turned) -%}
            {%- do exceptions.raise_compiler_error(
                this.identifier ~ ' looks up in ' ~ node.alias ~ ', which has not been loaded since ' ~ held.alias
                ~ ' changed. Build ' ~ names | join(' and ') ~ ' before, or with it.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{# Whether a versioned model has other rows than after a run. #}
{% macro has_changed(relation, since) -%}
    {{- return(was_one_built_whole([relation.identifier], since=since) or single_value(
        'select count() from ' ~ data_of(relation) ~ ' where run > ' ~ since ~ ' or closed > ' ~ since
    ) > 0) -}}
{%- endmacro %}


{# The names of the turning dictionaries of the model that one of them is of; none for any other model. #}
{% macro lookups_beside(name) -%}
    {%- set sources, found = {}, [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'turning_dictionary' -%}
        {%- do sources.update({node.alias: node.config.source_model}) -%}
    {%- endfor -%}
    {%- for other, source in sources.items() if source == sources.get(name) -%}
        {%- do found.append(other) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}


{% macro turning_slot(relation, slot) -%}
    {{- return(api.Relation.create(schema=relation.schema, identifier=relation.identifier ~ '_' ~ slot)) -}}
{%- endmacro %}


{# The rows of a versioned model that a dictionary holds: those that stood in the run that it was loaded for. #}
{% macro turning_rows(relation) -%}
    (
        select * from {{ data_of(relation) }}
        where {{ stood_after('__run__') }}
    )
{%- endmacro %}


{# The name of the dictionary that the reader of a query is to ask, as SQL. A run says it, and looks it up once. #}
{% macro slot_of_lookup(relation) -%}
    {%- if build_state().is_building -%}
        {{- return(name_of_slot(relation, slot_of_run(relation))) -}}
    {%- endif -%}
    if(
        (
            select argMax(slot, run)
            from {{ run_table('run_lookups') }}
            where lookup = {{ string_literal(relation.identifier) }} and run <= {{ visible_run(relation.identifier) }}
        ) = 1,
        {{ name_of_slot(relation, 1) }},
        {{ name_of_slot(relation, 0) }}
    )
{%- endmacro %}


{% macro name_of_slot(relation, slot) -%}
    {{- string_literal(relation.schema ~ '.' ~ turning_slot(relation, slot).identifier) -}}
{%- endmacro %}


{# The slot that was loaded last, by this run where it has turned the look-up. #}
{% macro slot_of_run(relation) -%}
    {%- set slots = run_books().slots -%}
    {%- if relation.identifier not in slots -%}
        {%- do slots.update({relation.identifier: single_value(
            'select argMax(slot, run) from ' ~ run_table('run_lookups') ~ ' where lookup = ' ~ string_literal(relation.identifier)
            ~ ' and run <= ' ~ last_commit_of(relation.identifier)
        )}) -%}
    {%- endif -%}
    {{- return(slots[relation.identifier]) -}}
{%- endmacro %}
