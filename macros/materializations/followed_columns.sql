{#
    Tables that are never made anew follow the columns of the model's SELECT: one that came is added, of its type's default in rows that
    stand, and all are put in its order, by which rows are inserted. Raises where one went or is of another type: what becomes of its values
    is nobody's to say but who runs this.
#}
{% macro follow_columns(sql) -%}
    {%- set data = data_of(this) -%}
    {%- set wanted = names_and_types(adapter.get_column_schema_from_query(sql)) -%}
    {%- set standing = names_and_types(columns_of_versions(data)) -%}
    {%- do refuse_lost_columns(data, dict(standing), dict(wanted)) -%}
    {%- if wanted != standing -%}
        {%- call statement('follow_columns') -%}
            alter table {{ data }}
            {%- for name, type in wanted %}
                {{ 'modify' if name in dict(standing) else 'add' }} column {{ quoted_identifier(name) }} {{ type }}
                {{ 'first' if loop.first else 'after ' ~ quoted_identifier(loop.previtem[0]) }}{{ ',' if not loop.last }}
            {%- endfor %}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}


{% macro refuse_lost_columns(data, standing, wanted) -%}
    {%- for name, type in standing.items() if wanted.get(name) != type -%}
        {%- set column = quoted_identifier(name) -%}
        {%- set made = 'drop column ' ~ column if name not in wanted else 'modify column ' ~ column ~ ' ' ~ wanted[name] -%}
        {%- do exceptions.raise_compiler_error(
            this.identifier ~ ' keeps what earlier runs wrote, but its column ' ~ column ~ ' (' ~ type ~ ') '
            ~ ('is gone from its SELECT' if name not in wanted else 'is ' ~ wanted[name] ~ ' in its SELECT')
            ~ '. Put it back, or send `alter table ' ~ data ~ ' ' ~ made ~ '`, which changes all of history; then build again.'
        ) -%}
    {%- endfor -%}
{%- endmacro %}
