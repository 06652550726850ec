{#
    A dictionary of the rows of a versioned model, kept twice: a run loads the one that nobody reads, and readers go over to
    it in the instant in which the run commits (`slot_of_lookup`). Each is defined by the run that it was loaded for,
    so a server that starts again loads what it held before.
#}
{% materialization turning_dictionary, adapter='clickhouse' %}

    {%- set state = turning_state(this) -%}
    {%- set fingerprint = local_md5(tojson([fingerprint_of(model), config.require('fields')])) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set changed = single_value(
        'select count() from ' ~ data_of(ref(config.require('source_model'))) ~ ' where run > ' ~ state.last
        ~ ' or closed > ' ~ state.last
    ) > 0 or state.refreshes > 0 or state.last == 0 or state.fingerprint != fingerprint -%}
    {%- set slot = 1 - state.slot if changed else state.slot -%}
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
    {%- do mark_built({'run': state.run, 'fingerprint': fingerprint}) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': []}) }}

{% endmaterialization %}


{% macro turning_slot(relation, slot) -%}
    {{- return(api.Relation.create(schema=relation.schema, identifier=relation.identifier ~ '_' ~ slot)) -}}
{%- endmacro %}


{% macro turning_state(relation) -%}
    {%- set name, source_name = string_literal(relation.identifier), string_literal(config.require('source_model')) -%}
    {{- return(run_query(
        'select (select max(run) from ' ~ run_table('runs') ~ ' where run_id = ' ~ string_literal(invocation_id) ~ ') as run, '
        ~ '(select max(run) from ' ~ run_table('run_commits') ~ ' where model = ' ~ name ~ ') as last, '
        ~ '(select argMax(slot, run) from ' ~ run_table('run_lookups') ~ ' where lookup = ' ~ name ~ ' and run <= last) as slot, '
        ~ '(select argMax(fingerprint, run) from ' ~ run_table('run_models') ~ ' where model = ' ~ name ~ ' and run <= last) as fingerprint, '
        ~ '(select count() from ' ~ run_table('run_models') ~ ' where is_full and run > last and model = ' ~ source_name ~ ') as refreshes'
    ).rows[0]) -}}
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


{# The name of the dictionary that the reader of a query is to ask, as SQL. #}
{% macro slot_of_lookup(relation) -%}
    if(
        (
            select argMax(slot, run)
            from {{ run_table('run_lookups') }}
            where lookup = {{ string_literal(relation.identifier) }} and run <= {{ visible_run(relation.identifier) }}
        ) = 1,
        {{ string_literal(relation.schema ~ '.' ~ relation.identifier ~ '_1') }},
        {{ string_literal(relation.schema ~ '.' ~ relation.identifier ~ '_0') }}
    )
{%- endmacro %}
