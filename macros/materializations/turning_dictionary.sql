{#
    A dictionary of the rows of a versioned model, kept twice: a run loads the one that nobody reads, and readers go over to
    it in the instant in which the run commits (`slot_of_lookup`). Each is of the last run that says it has loaded it, so a server that
    starts again loads what it held before, and so does a run that another has taken over.

    `beside` (config) are more dictionaries that are loaded and shown with it, {name: definition}, each of its own `rows`, an SQL.
#}
{% materialization turning_dictionary, adapter='clickhouse' %}

    {%- set books, source = run_books(), ref(config.require('source_model')) -%}
    {%- set last = last_commit_of(this.identifier) -%}
    {%- set state = {'run': this_run(), 'fingerprint': local_md5(tojson([fingerprint_of(model), config.require('fields')]))} -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set changed = last == 0 or books.fingerprints.get(this.identifier) != state.fingerprint or has_changed(source, last) -%}
    {%- set slot_before = slot_of_run(this) -%}
    {%- set slot = 1 - slot_before if changed else slot_before -%}
    {%- do run_query(
        'insert into ' ~ run_table('run_lookups') ~ ' select ' ~ state.run ~ ', ' ~ string_literal(this.identifier) ~ ', ' ~ slot
        ~ ' where ' ~ is_newest_run()
    ) -%}
    {%- set dictionaries = [[this, config, sql]] -%}
    {%- for name, definition in config.get('beside', {}).items() -%}
        {%- do dictionaries.append([this.incorporate(path={'identifier': name}), definition, render(definition.rows)]) -%}
    {%- endfor -%}
    {%- set comments = comments_of_dictionaries(this.schema) -%}
    {% call noop_statement('main', 'loaded' if changed else 'nothing new') %}{% endcall %}
    {%- for dictionary, definition, rows in dictionaries -%}
        {%- for place in [0, 1] -%}
            {%- set target = turning_slot(dictionary, place) -%}
            {#- The one that nobody reads is made anew with the rows; both are where user or password are others. #}
            {%- if changed and place == slot or comments.get(target.identifier) != loader_mark() -%}
                {%- set of_slot = rows | replace('__run__', run_of_slot(this, place)) -%}
                {%- do create_dictionary(target, dictionary_definition(of_slot, definition), loader_mark()) -%}
                {%- do run_query('system reload dictionary ' ~ target) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do books.slots.update({this.identifier: slot}) -%}
    {%- do mark_built(state) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': []}) }}

{% endmaterialization %}


{#
    Raise where one of these look-ups, as nodes, is behind the model that it is of: who reads both would mix what is with what was, and
    take what changed for read.
#}
{% macro check_lookups(lookups) -%}
    {%- set books = run_books() -%}
    {%- for node in lookups -%}
        {%- set held, loaded = graph.nodes[node.depends_on.nodes[0]], books.run if node.alias in books.built else last_commit_of(node.alias) -%}
        {%- set source = api.Relation.create(schema=held.schema, identifier=held.alias) -%}
        {%- if last_run_of(source, books.run) > loaded and has_changed(source, loaded) -%}
            {%- do exceptions.raise_compiler_error(
                this.identifier ~ ' looks up in ' ~ node.alias ~ ', which has not been loaded since ' ~ held.alias
                ~ ' changed. Build ' ~ node.alias ~ ' before, or with it.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{% macro turning_slot(relation, slot) -%}
    {{- return(api.Relation.create(schema=relation.schema, identifier=relation.identifier ~ '_' ~ slot)) -}}
{%- endmacro %}


{# The run that a dictionary was loaded for last, as SQL. #}
{% macro run_of_slot(lookup, slot) -%}
    (select max(run) from {{ run_table('run_lookups') }} where lookup = {{ string_literal(lookup.identifier) }} and slot = {{ slot }})
{%- endmacro %}


{# The rows of a versioned model that a dictionary holds: those that stood in the run that it was loaded for. #}
{% macro turning_rows(relation) -%}
    (
        select * from {{ data_of(relation) }}
        where {{ stood_after('__run__') }}
    )
{%- endmacro %}


{#
    The name of the dictionary that the reader of a query is to ask, as SQL; of one beside the look-up where it is given. A run says it,
    and looks it up once.
#}
{% macro slot_of_lookup(lookup, dictionary=none) -%}
    {%- set dictionary = dictionary or lookup -%}
    {%- if build_state().is_building -%}
        {{- return(name_of_slot(dictionary, slot_of_run(lookup))) -}}
    {%- endif -%}
    if(
        (
            select argMax(slot, run)
            from {{ run_table('run_lookups') }}
            where lookup = {{ string_literal(lookup.identifier) }} and run <= {{ visible_run(lookup.identifier) }}
        ) = 1,
        {{ name_of_slot(dictionary, 1) }},
        {{ name_of_slot(dictionary, 0) }}
    )
{%- endmacro %}


{% macro name_of_slot(relation, slot) -%}
    {{- string_literal(relation.schema ~ '.' ~ turning_slot(relation, slot).identifier) -}}
{%- endmacro %}


{# The slot that was loaded last, by this run where it has built the look-up. #}
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
