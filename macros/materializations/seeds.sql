{#
    Seeds change in one step. dbt empties a seed's table and fills it again in each run, so that whoever reads meanwhile
    sees identifiers unguarded and visits without a channel. These take the place of dbt-clickhouse's own: the rows are
    written beside, and exchanged with what stands there. A seed whose file did not change is left alone, unless
    `--full-refresh` asks for it.
#}

{% macro clickhouse__create_csv_table(model, agate_table) -%}
    {{ return(put_seed(model, agate_table, exists=false)) }}
{%- endmacro %}

{% macro clickhouse__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- if full_refresh or not seed_stands(model, agate_table) -%}
        {{ return(put_seed(model, agate_table, exists=true)) }}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}

{# The rows came with the table. #}
{% macro clickhouse__load_csv_rows(model, agate_table) -%}
    {{ return('') }}
{%- endmacro %}

{# Whether the table was made of this very file, and nobody took rows from it since. #}
{% macro seed_stands(model, agate_table) -%}
    {%- set found = run_query(
        "select comment, total_rows from system.tables where database = '" ~ this.schema
        ~ "' and name = '" ~ this.identifier ~ "'"
    ) -%}
    {{ return(
        found | length == 1
        and found.rows[0][0] == seed_mark(model)
        and found.rows[0][1] | int == agate_table.rows | length
    ) }}
{%- endmacro %}

{# What a seed's rows and types depend on, as the comment of its table. #}
{% macro seed_mark(model) -%}
    {{ return('of ' ~ local_md5(model.checksum.checksum ~ tojson(model.config.column_types, sort_keys=true))) }}
{%- endmacro %}

{# The marks of the seeds that stand, by `schema.name`. #}
{% macro marks_of_seeds() -%}
    {%- set places, marks = [], {} -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'seed' -%}
        {%- do places.append('(' ~ string_literals([node.schema, node.alias]) ~ ')') -%}
    {%- endfor -%}
    {%- if places -%}
        {%- for row in run_query(
            'select database, name, comment from system.tables where (database, name) in (' ~ places | join(', ') ~ ')'
        ).rows -%}
            {%- do marks.update({row['database'] ~ '.' ~ row['name']: row['comment']}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(marks) }}
{%- endmacro %}

{% macro put_seed(model, agate_table, exists) -%}
    {%- set beside = this.incorporate(path={'identifier': this.identifier ~ '__beside'}) -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- set type = model.config.column_types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
        {%- do columns.append(adapter.quote_seed_column(name, model.config.quote_columns) ~ ' ' ~ type) -%}
    {%- endfor -%}
    {%- set made -%}
        create table {{ beside }} {{ on_cluster_clause(beside) }} ({{ columns | join(', ') }})
        {{ engine_clause() }}
        {{ order_cols(label='order by') }}
        {{ partition_cols(label='partition by') }}
        comment '{{ seed_mark(model) }}'
    {%- endset -%}
    {%- do drop_all([beside]) -%}
    {%- do run_query(made) -%}
    {%- if agate_table.rows | length > 0 -%}
        {%- set filled -%}
            insert into {{ beside }} ({{ get_seed_column_quoted_csv(model, agate_table.column_names) }})
            {{ adapter.get_model_query_settings(model) }}
            format CSV
            {{ adapter.get_csv_data(agate_table) }}
        {%- endset -%}
        {%- do adapter.add_query(filled, bindings=agate_table, abridge_sql_log=true) -%}
    {%- endif -%}
    {%- if exists -%}
        {%- do run_query('exchange tables ' ~ beside ~ ' and ' ~ this) -%}
        {%- do drop_all([beside]) -%}
    {%- else -%}
        {%- do run_query('rename table ' ~ beside ~ ' to ' ~ this) -%}
    {%- endif -%}
    {%- if flags.WHICH == 'build' -%}
        {%- do run_books().seeds.update({this.schema ~ '.' ~ this.identifier: seed_mark(model)}) -%}
    {%- endif -%}
    {{ return(made) }}
{%- endmacro %}
