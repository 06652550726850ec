{#-
    The edges that `paths` counts, one row a person (and breakdown value), for a model that keeps them: project_id, person_id, breakdown,
    edges, milliseconds. `arguments` are those of `paths`, as a mapping, and are the model's config `definition` as well. A batch reads
    what `kept_path_events` prepared. The page is in _paths.md.

    An edge is a text, so that it means the same whatever names there are: the number of its step, the length of its source in
    bytes, then source and target. There are few of them, and each is stored once a part.
-#}
{%- macro kept_path_edges(arguments) -%}
    {%- set call = kept_path_call(arguments) -%}
    {%- set events = working_table('path_events') if is_incremental_build() -%}
    {%- set names = path_names_of(events) if events else path_names(call) -%}
(
    with

    path_steps as {{ kept_path_rows(call, events, names) if events else path_rows(call, names) }}

    select
        project_id,
        actor as person_id,
        breakdown,
        arrayMap(
            (code, source) -> concat(
                toString({{ path_step_number('code') }}), ' ', toString(length(source)), ' ',
                source, {{ names }}[{{ path_target('code') }}]
            ),
            tupleElement(actors.edges, 1),
            arrayMap(code -> {{ names }}[{{ path_source('code') }}], tupleElement(actors.edges, 1))
        )::Array(LowCardinality(String)) as edges,
        tupleElement(actors.edges, 2) as milliseconds
    from {{ path_edges(call, 'path_steps', kept_path_rivals(call, names) if events) }} as actors
    where notEmpty(actors.edges)
)
{%- endmacro -%}


{#-
    The events of the persons whose rows a batch builds anew, as the model's working table `path_events` (config `prepare`): edges look
    at them several times. Nothing where the model is built whole.
-#}
{%- macro kept_path_events(arguments) -%}
    {%- set call = kept_path_call(arguments) -%}
    {%- if is_incremental_build() -%}
        {#- Their ids, which few need, would be a quarter of what is read. #}
        select * except (event_id, event) from {{ path_events(call, path_parts(call)) }}
    {%- endif -%}
{%- endmacro -%}


{#- `path_rows` from that table, whose columns are the parts of an event by their names. -#}
{%- macro kept_path_rows(call, events, names) -%}
    {%- set parts = {} -%}
    {%- for name in path_parts(call) -%}
        {%- do parts.update({name: name}) -%}
    {%- endfor -%}
    (select *, {{ path_event(call, parts, names) }} as step from {{ events }})
{%- endmacro -%}


{#- Those whose ids are asked for. -#}
{%- macro kept_path_rivals(call, names) -%}
    {%- set parts = path_parts(call) -%}
    {{- path_events(call, {'step': path_event(call, parts, names)}, match=parts.is_rival) -}}
{%- endmacro -%}


{%- macro kept_path_call(arguments) -%}
    {{- return(kept_call(path_arguments('kept_path_edges', arguments), arguments)) -}}
{%- endmacro -%}


{#- `path_counts` from the rows that a model keeps. -#}
{%- macro kept_path_counts(kept_by, min_persons) -%}
edges as (

    select
        project_id,
        breakdown,
        edge,
        milliseconds,
        is_first
    from {{ ref(kept_by) }}
    array join
        edges as edge,
        milliseconds as milliseconds,
        arrayMap(nth -> nth = 1, arrayEnumerateUniq(edges)) as is_first

),

counted as (

    select
        project_id,
        breakdown,
        toUInt32(step_text) as step_number,
        substring(names, 1, toUInt64(length_text)) as source,
        substring(names, 1 + toUInt64(length_text)) as target,
        transitions,
        persons,
        median_seconds
    from (
        select
            project_id,
            breakdown,
            edge::String as edge_text,
            splitByChar(' ', edge_text)[1] as step_text,
            splitByChar(' ', edge_text)[2] as length_text,
            substring(edge_text, 3 + length(step_text) + length(length_text)) as names,
            {{ path_measures() }}
        from edges
        group by project_id, breakdown, edge
        having persons >= {{ min_persons }}
    )

),
{%- endmacro -%}
