{#
    The row versions of a versioned model that came or went since the model that is built last finished: its columns, and
    `change`, 1 for a row that came, -1 for one that went, 0 for one that came and went meanwhile. A row that changed is
    there twice.
#}
{% macro changes_of(relation) -%}
    {%- set last = build_state().last -%}
    (
        select * except (run, closed), multiIf(closed = 0, 1, run > {{ last }}, 0, -1)::Int8 as change
        from {{ data_of(relation) }}
        where run > {{ last }} or closed > {{ last }}
    )
{%- endmacro %}


{# The rows of a versioned model as the run sees them, where no setting reaches: in the source of a dictionary. #}
{% macro standing_rows(relation) -%}
    (select * except (run, closed) from {{ data_of(relation) }} where closed = 0)
{%- endmacro %}


{# A working table of the model that is built. #}
{% macro working_table(name) -%}
    {{- return(api.Relation.create(schema=this.schema, identifier=this.identifier ~ '__' ~ name, type='table')) -}}
{%- endmacro %}


{#
    A working table that `prepare` (config) builds by this SQL; the SQL itself where nothing is built, as in unit tests and
    `dbt compile`.
#}
{% macro prepared(name, select_sql) -%}
    {{- return(working_table(name) if build_state().is_building else '(' ~ select_sql ~ ')') -}}
{%- endmacro %}


{# Whether a row belongs to a unit that this run builds anew; always, where the model is built whole. #}
{% macro is_dirty(columns, keys=none) -%}
    {%- if build_state().is_full or not config.get('dirty') -%}
        {{- return('true') -}}
    {%- endif -%}
    {{- return('(' ~ columns ~ ') in (select ' ~ (keys or columns) ~ ' from ' ~ working_table('dirty') ~ ')') -}}
{%- endmacro %}


{# Whether the model that is compiled goes on from what stands, for SQL that differs then. #}
{% macro is_incremental_build() -%}
    {{- return(not build_state().is_full) -}}
{%- endmacro %}


{# Whether a version of a row was one of those that stood after a run, a number or SQL of one. #}
{% macro stood_after(run) -%}
    run <= {{ run }} and (closed = 0 or closed > {{ run }})
{%- endmacro %}


{# Whether a version of a row stands that did not after a run; whether one stood that does not now. #}
{% macro came_since(last) -%}
    (closed = 0 and run > {{ last }})
{%- endmacro %}


{% macro went_since(last) -%}
    (closed > {{ last }} and run <= {{ last }})
{%- endmacro %}
