{#
    A dictionary of the rows of a versioned model, kept twice: a run loads the one that nobody reads, and readers go over to
    it in the instant in which the run commits (`slot_of_lookup`). Each is defined by the run that it was loaded for,
    so a server that starts again loads what it held before.
#}
{% materialization turning_dictionary, adapter='clickhouse' %}

    {%- set books, source = run_books(), ref(config.require('source_model')) -%}
    {%- set last = last_commit_of(this.identifier) -%}
    {%- set state = {'run': this_run(), 'fingerprint': local_md5(tojson([fingerprint_of(model), config.require('fields')]))} -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set changed = last == 0 or books.fingerprints.get(this.identifier) != state.fingerprint or was_one_built_whole([source.identifier], since=last)
        or single_value('select count() from ' ~ data_of(source) ~ ' where run > ' ~ last ~ ' or closed > ' ~ last) > 0 -%}
    {%- set slot_before = single_value(
        'select argMax(slot, run) from ' ~ run_table('run_lookups') ~ ' where lookup = ' ~ string_literal(this.identifier)
        ~ ' and run <= ' ~ last
    ) -%}
    {%- set slot = 1 - slot_before if changed else slot_before -%}
    {%- do run_query('insert into ' ~ run_table('run_lookups') ~ ' values (' ~ state.run ~ ', ' ~ string_literal(this.identifier) ~ ', ' ~ slot ~ ')') -%}
    {%- for place in [0, 1] -%}
        {%- call statement('main' if place == slot else 'other') -%}
            {#- The one that nobody reads is made anew, as the model or the password may have changed. #}
            {%- set is_new = changed and place == slot %}
            create {{ 'or replace' if is_new }} dictionary {{ 'if not exists' if not is_new }} {{ turning_slot(this, place) }}
            {{ dictionary_definition(sql | replace('__slot__', place)) }}
        {%- endcall -%}
    {%- endfor -%}
    {%- if changed -%}
        {%- do run_query('system reload dictionary ' ~ turning_slot(this, slot)) -%}
    {%- endif -%}
    {%- do books.slots.update({this.identifier: slot}) -%}
    {%- do mark_built(state) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': []}) }}

{% endmaterialization %}


{% macro turning_slot(relation, slot) -%}
    {{- return(api.Relation.create(schema=relation.schema, identifier=relation.identifier ~ '_' ~ slot)) -}}
{%- endmacro %}


{# The rows of a versioned model that a slot of the dictionary holds: those that stood in the run that it was loaded for. #}
{% macro turning_rows(relation) -%}
    {%- set loaded_for -%}
        (select max(run) from {{ run_table('run_lookups') }} where lookup = {{ string_literal(this.identifier) }} and slot = __slot__)
    {%- endset -%}
    (
        select * from {{ data_of(relation) }}
        where {{ stood_after(loaded_for) }}
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


{# The slot that was loaded last, by this run where it builds the look-up. #}
{% macro slot_of_run(relation) -%}
    {%- set slots = run_books().slots -%}
    {%- if relation.identifier not in slots -%}
        {%- do slots.update({relation.identifier: single_value(
            'select argMax(slot, run) from ' ~ run_table('run_lookups') ~ ' where lookup = ' ~ string_literal(relation.identifier)
        )}) -%}
    {%- endif -%}
    {{- return(slots[relation.identifier]) -}}
{%- endmacro %}
