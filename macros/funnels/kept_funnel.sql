{#-
    The paths that a funnel counts, one a person (and breakdown value), for a model that keeps them: project_id, person_id,
    breakdown, level, times (milliseconds by step, 9e18 where not reached). `arguments` are those of `funnel`, as a mapping, and are
    the model's config `definition` as well. The page is in _funnels.md.
-#}
{%- macro kept_funnel(arguments) -%}
    {%- set funnel = kept_funnel_settings(arguments) -%}
(
    select
        project_id,
        actor as person_id,
        breakdown,
        toUInt8(level) as level,
        times
    from {{ funnel_paths(dict(funnel, call=kept_call(funnel.call, arguments)), knows_ends=false) }}
)
{%- endmacro -%}


{#- Whose paths may be other ones now, as the config `dirty` of such a model. -#}
{%- macro persons_with_other_steps(arguments) -%}
    {{- persons_with_other_events(names_condition(kept_funnel_settings(arguments))) -}}
{%- endmacro -%}


{%- macro kept_funnel_settings(arguments) -%}
    {%- set given, common = {}, {} -%}
    {%- for name, value in arguments.items() -%}
        {%- do (given if name in funnel_arguments() else common).update({name: value}) -%}
    {%- endfor -%}
    {%- set funnel = funnel_settings('kept_funnel', given, common) -%}
    {%- do check_choice('kept_funnel', 'count', funnel['count'], ['persons']) -%}
    {{- return(funnel) -}}
{%- endmacro -%}


{%- macro funnel_arguments() -%}
    {{- return([
        'steps', 'window', 'order', 'ties', 'entry', 'exclude', 'exclusion', 'optional', 'hold_constant', 'count', 'attribution',
        'dialect',
    ]) -}}
{%- endmacro -%}


{#- The rows of `funnel_paths` that `funnel_table` reads, from those that a model keeps. -#}
{%- macro kept_paths(funnel) -%}
(
    select
        kept.project_id as project_id,
        kept.breakdown as breakdown,
        kept.times as times,
        {{ is_open_path(funnel, 'kept') }} as is_open
    from {{ ref(funnel.kept_by) }} as kept
    inner join {{ project_ends(funnel.call) }} as ends on kept.project_id = ends.project_id
)
{%- endmacro -%}
