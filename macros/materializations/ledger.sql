{#
    A table that is made once and never built again: its model's SELECT only gives its columns. Hooks and later runs
    append to it. It has no full refresh, because nothing else remembers what stands in it.
#}
{% materialization ledger, adapter='clickhouse' %}

    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {% if existing is none -%}
            {{ create_table_or_empty(False, target, sql, config.get('contract').enforced) }}
        {%- else -%}
            select 1
        {%- endif %}
    {%- endcall %}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}

{% endmaterialization %}
