{#-
    Every counted path of a funnel, as a bracketed query: project_id, actor, session_id (if counted), breakdown,
    period_start (for a trend), level, times (milliseconds by step, `never` where not reached), marks, is_open (unless the
    data's end is not asked for).
-#}
{%- macro funnel_paths(funnel, period=none, knows_ends=true) -%}
    {%- set call = funnel.call -%}
    {%- set is_plain = funnel_is_plain(funnel, period) -%}
    {%- set sizes = none -%}
    {%- if call.breakdown_limit is not none and funnel.bound -%}
        {#- The sizes are those of the funnel without a limit; one CTE cannot hold another of its name. #}
        {%- set unlimited = dict(funnel, call=dict(call, breakdown_limit=none), tag='_unlimited') -%}
        {%- set sizes = sizes_of(funnel_paths(unlimited, period)) -%}
    {%- endif -%}
    {#- An actor's value changes no path, so here the limit can come last. -#}
    {%- set limits_actors = call.breakdown_limit is not none and funnel.touch -%}
(
    with

{{ funnel_streams(funnel, sizes, is_plain) }}
    {%- if is_plain %}
{{ funnel_plain(funnel) }}
    {%- else %}
{{ funnel_any_order(funnel) if funnel.order == 'any' else funnel_walk(funnel) }}
{{ funnel_attempts(funnel, period) }}
    {%- endif %}

    select
        counted.*
        {%- if knows_ends %},
        {{ is_open_path(funnel, 'counted') }} as is_open
        {%- endif %}
    from {% if limits_actors %}{{ limit_breakdown(call, 'counted' ~ funnel.tag, sizes_of('counted' ~ funnel.tag)) }}
    {%- else %}counted{{ funnel.tag }}{% endif %} as counted
    {%- if knows_ends %}
    inner join {{ project_ends(call) }} as ends on counted.project_id = ends.project_id
    {%- endif %}
    {%- if funnel.bound_step %}
    {#- Actors who do not serve the bound step have no value. #}
    where counted.times[{{ funnel.bound_step }}] != {{ funnel.never }}
    {%- endif %}
)
{%- endmacro -%}


{#- Whether more steps can still follow within a path's window, as far as is known. -#}
{%- macro is_open_path(funnel, path) -%}
    {{- path }}.times[1] + {{ funnel.window }} > toUnixTimestamp64Milli(assumeNotNull(ends.data_end))
{%- endmacro -%}


{#- How many paths each breakdown value has: the first measure of a funnel. -#}
{%- macro sizes_of(paths) -%}
    (
        select
            project_id,
            breakdown,
            count() as size
        from {{ paths }}
        group by
            project_id,
            breakdown
    )
{%- endmacro -%}
