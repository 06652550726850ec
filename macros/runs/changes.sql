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


{# Whether a versioned model has other rows than after a run. #}
{% macro has_changed(relation, since) -%}
    {{- return(is_removed_since(since) or was_one_built_whole([relation.identifier], since=since) or single_value(
        'select count() from ' ~ data_of(relation) ~ ' where run > ' ~ since ~ ' or closed > ' ~ since
    ) > 0) -}}
{%- endmacro %}


{# The rows of a versioned model as the run sees them, by no view: also in the source of a dictionary, where no setting reaches. #}
{% macro standing_rows(relation) -%}
    (select * except (run, closed) from {{ data_of(relation) }} where closed = 0)
{%- endmacro %}


{#
    SQL of the run itself, in which each versioned model is its standing rows, not its view. Those are the same there, but a view
    looks up what is committed, though the run has no use for it: much of what a statement on few rows costs. Columns may be named by
    their model, as those of a view: it bears its name where no other follows.
#}
{% macro of_standing_rows(sql) -%}
    {%- set found = namespace(sql=sql) -%}
    {%- set gap = '(?:\\s|--[^\\n]*|/\\*.*?\\*/)*' -%}
    {%- set next = '$|[),;]|(?:' ~ [
        'all', 'anti', 'any', 'array', 'asof', 'cross', 'except', 'full', 'global', 'group', 'having', 'inner', 'intersect', 'join',
        'left', 'limit', 'offset', 'on', 'order', 'outer', 'paste', 'prewhere', 'qualify', 'right', 'sample', 'semi', 'settings',
        'union', 'using', 'where', 'window'
    ] | join('|') ~ ')\\b' -%}
    {%- for view, rows in rows_behind_views().items() if view in sql -%}
        {%- set name = view.split('.')[-1] -%}
        {%- set unnamed = '(?is)((?:\\b(?:from|join)|,)' ~ gap ~ modules.re.escape(view) ~ ')(?=' ~ gap ~ '(?:' ~ next ~ '))' -%}
        {%- set found.sql = modules.re.sub(unnamed, '\\1 as ' ~ name, found.sql) -%}
        {%- set found.sql = found.sql | replace(view ~ '.', name ~ '.') | replace(view, rows) -%}
    {%- endfor -%}
    {{- return(found.sql) -}}
{%- endmacro %}


{# {view: the SQL of its standing rows} of all versioned models. Kept as `run_books` are. #}
{% macro rows_behind_views() -%}
    {%- set name = 'rows_behind_views_' ~ invocation_id -%}
    {%- if name not in graph -%}
        {%- set rows = {} -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'versioned' -%}
            {%- set view = api.Relation.create(schema=node.schema, identifier=node.alias) -%}
            {%- do rows.update({view.render(): standing_rows(view)}) -%}
        {%- endfor -%}
        {%- do graph.update({name: rows}) -%}
    {%- endif -%}
    {{- return(graph[name]) -}}
{%- endmacro %}


{# A working table of the model that is built: of this run, as another may be at the same model until it notices that this one has begun. #}
{% macro working_table(name) -%}
    {{- return(api.Relation.create(
        schema=this.schema, identifier=this.identifier ~ '__' ~ build_state().run ~ '_' ~ name, type='table'
    )) -}}
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
