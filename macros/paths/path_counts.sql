{#-
    The CTEs of `paths` up to `counted`: project_id, breakdown, step_number, source, target, transitions, persons,
    median_seconds.
-#}
{%- macro path_counts(call, min_persons) -%}
{%- set names = path_names(call) -%}
path_steps as {{ path_rows(call, names) }},

{% if call.breakdown_limit is not none -%}
limited_path_steps as {{ limit_breakdown(call, 'path_steps', transitions_per_breakdown(call, 'path_steps')) }},

{% endif -%}
-- An actor's edge is a new one where it is the first of its kind, so nobody's number is kept.
edges as (

    select
        project_id,
        breakdown,
        arrayJoin(arrayZip(edges, arrayMap(nth -> nth = 1, arrayEnumerateUniq(edges.1)))) as edge,
        edge.1.1 as code,
        -- One key of a fixed size is grouped faster than several.
        reinterpretAsUInt128(sipHash128(project_id, breakdown)) + code as key,
        edge.1.2 as milliseconds,
        edge.2 as is_first
    from {{ path_edges(call, 'path_steps' if call.breakdown_limit is none else 'limited_path_steps') }}

),

counted as (

    select
        any(project_id) as project_id,
        any(breakdown) as breakdown,
        {{ path_step_number('any(code)') }} as step_number,
        {{ names }}[{{ path_source('any(code)') }}] as source,
        {{ names }}[{{ path_target('any(code)') }}] as target,
        {{ path_measures() }}
    from edges
    group by key
    having persons >= {{ min_persons }}

),
{%- endmacro -%}


{#- The measures of an edge, of rows with milliseconds and is_first. -#}
{%- macro path_measures() -%}
        count() as transitions,
        countIf(is_first) as persons,
        quantileExactInclusive(0.5)(milliseconds) / 1000 as median_seconds
{%- endmacro -%}


{#- What the code of an edge in `path_edges` says. -#}
{%- macro path_step_number(code) -%}
    toUInt32(bitShiftRight({{ code }}, 58))
{%- endmacro -%}


{%- macro path_source(code) -%}
    bitAnd(toUInt64(bitShiftRight({{ code }}, 29)), {{ 2 ** 29 - 1 }})
{%- endmacro -%}


{%- macro path_target(code) -%}
    bitAnd(toUInt64({{ code }}), {{ 2 ** 29 - 1 }})
{%- endmacro -%}
