{#
    Views that stand until their definition changes, or a column of what they read. These take the place of dbt-clickhouse's own, which each
    run makes anew: planning a view to tell its columns, twice where there is a contract, costs more than asking what stands.
#}
{% materialization view, adapter='clickhouse' %}

    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set found = view_marks(sql) -%}
    {%- if not flags.FULL_REFRESH and found.standing == found.mark -%}
        {% call noop_statement('main', 'nothing new') %}{% endcall %}
    {%- else -%}
        {%- call statement('main') -%}
            {{ get_create_view_as_sql(target, sql) }}
            comment {{ string_literal(found.mark) }}
        {%- endcall -%}
        {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(target, full_refresh_mode=True)) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}

{% endmaterialization %}


{#
    What the view would be made of, as its comment, and the comment of the one that stands. Its columns follow from its SQL, from the columns
    of what it reads and from the engine.
#}
{% macro view_marks(select_sql) -%}
    {%- set definition = local_md5(tojson([
        select_sql, fingerprint_of(model), config.get('sql_security'), config.get('definer')
    ])) -%}
    {%- set parents = ["database = " ~ string_literal(generate_schema_name(none, none)) ~ " and table like 'run\\_%'"] -%}
    {%- for unique_id in model.depends_on.nodes -%}
        {%- set node = graph.nodes.get(unique_id) or graph.sources.get(unique_id) -%}
        {%- set name = node.alias or node.identifier -%}
        {%- do parents.append(
            'database = ' ~ string_literal(node.schema) ~ ' and table in ('
            ~ string_literals([name, name ~ '_data', name ~ '_0', name ~ '_1']) ~ ')'
        ) -%}
    {%- endfor -%}
    {{- return(run_query(
        "select concat('of " ~ definition ~ " ', hex(sipHash128((select groupArray((database, table, name, type)) from ("
        ~ 'select database, table, name, type from system.columns where ' ~ parents | join(' or ')
        ~ ' order by database, table, name)), version(), currentUser()))) as mark, (select any(comment) from system.tables where database = '
        ~ string_literal(this.schema) ~ ' and name = ' ~ string_literal(this.identifier) ~ " and engine = 'View') as standing"
    ).rows[0]) -}}
{%- endmacro %}
