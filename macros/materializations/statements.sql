{#
    A working table of one run, dropped before the run ends. By default in memory, unless a whole build of the model makes it as large
    as history.
#}
{% macro create_working_table(relation, select_sql, engine=none) -%}
    {%- call statement('create_working_table') -%}
        create or replace table {{ relation }}
        engine = {{ engine or (in_no_order() if build_state().is_full else 'Memory') }} as
        {{ of_standing_rows(select_sql) }}
        settings {{ as_working_state() }}
    {%- endcall -%}
{%- endmacro %}


{# The engine of a working table on the disk. #}
{% macro in_no_order() -%}
    MergeTree order by tuple() settings auto_statistics_types = ''
{%- endmacro %}


{# Those of [name, SQL] that have an SQL in this build, in this order; their relations. #}
{% macro create_working_tables(definitions) -%}
    {%- set made = [] -%}
    {%- for name, definition in definitions -%}
        {%- set select_sql = render(definition) -%}
        {%- if select_sql.strip() -%}
            {%- do made.append(working_table(name)) -%}
            {%- do create_working_table(working_table(name), select_sql) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(made) -}}
{%- endmacro %}


{% macro replace_with(relation, next_relation, select_sql) -%}
    {%- do create_working_table(next_relation, select_sql) -%}
    {%- do drop_all([relation]) -%}
    {%- call statement('rename_table') -%}
        rename table {{ next_relation }} to {{ relation }}
    {%- endcall -%}
{%- endmacro %}


{% macro drop_all(relations) -%}
    {%- if relations -%}
        {%- call statement('drop_tables') -%}
            drop table if exists {{ relations | join(', ') }} sync
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}


{% macro single_value(select_sql) -%}
    {{- return(run_query(of_standing_rows(select_sql) ~ ' settings ' ~ as_working_state()).columns[0].values()[0]) -}}
{%- endmacro %}
