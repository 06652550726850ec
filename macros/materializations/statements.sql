{# A working table of one run. It is dropped before the run ends, so it needs no disk. #}
{% macro memory_table(relation, select_sql) -%}
    {%- call statement('memory_table') -%}
        create or replace table {{ relation }} engine = Memory as
        {{ select_sql }}
        settings {{ as_working_state() }}
    {%- endcall -%}
{%- endmacro %}


{% macro replace_with(relation, next_relation, select_sql) -%}
    {%- do memory_table(next_relation, select_sql) -%}
    {%- do drop_all([relation]) -%}
    {%- call statement('rename_table') -%}
        rename table {{ next_relation }} to {{ relation }}
    {%- endcall -%}
{%- endmacro %}


{% macro drop_all(relations) -%}
    {%- for relation in relations -%}
        {%- call statement('drop_table') -%}
            drop table if exists {{ relation }} sync
        {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}


{% macro single_value(select_sql) -%}
    {{- return(run_query(select_sql ~ ' settings ' ~ as_working_state()).columns[0].values()[0]) -}}
{%- endmacro %}
