{#
    A table of (`node_number`, `component_number`) from a model that selects undirected edges (`left_number`,
    `right_number`): which nodes hang together, named by the smallest number among them. Nodes without an edge to
    another are not in it.

    Rounds run until no edge is left between two components, so a chain of any length comes out right. Each round
    gives every node the smallest number two steps around it, follows these pointers to their ends, and goes on with
    the edges between the ends. Ends lie more than two steps apart, so each round at least halves them: 64 rounds are
    enough for any number that fits, and running out of them is an error of this file, never a result.
#}
{% materialization connected_components, adapter='clickhouse' %}

    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set fresh = make_intermediate_relation(target) -%}
    {%- set work = component_tables(target) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do drop_all(work.values() | list + [fresh]) -%}
    {%- do find_components(work, sql) -%}

    {% call statement('main') -%}
        {{ get_create_table_as_sql(False, fresh, 'select node_number, component_number from ' ~ work.labels) }}
    {%- endcall %}
    {%- if existing is none -%}
        {%- do adapter.rename_relation(fresh, target) -%}
    {%- else -%}
        {%- do exchange_tables_atomic(fresh, existing) -%}
        {%- do drop_all([fresh]) -%}
    {%- endif -%}
    {%- do drop_all(work.values() | list) -%}

    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}

{% endmaterialization %}
