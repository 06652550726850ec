{#- The rows of `funnel` and `funnel_trend`: counted paths summed by step. -#}
{%- macro funnel_table(funnel, period=none) -%}
    {%- set call, never = funnel.call, funnel.never -%}
    {%- set names, previous = [], [] -%}
    {%- for step in funnel.steps -%}
        {%- do names.append(string_literal('any ' ~ loop.index if funnel.order == 'any' else step.name)) -%}
        {%- set earlier = funnel.required | select('lt', loop.index) | list -%}
        {#- Steps are compared with the required step before them. #}
        {%- do previous.append(earlier | last if earlier else 1) -%}
    {%- endfor -%}
    {%- set keys = ['project_id', 'value'] + (['period_start'] if period else []) -%}
(
    with

paths as (
    select
        * except breakdown,
        breakdown as value
    from {{ kept_paths(funnel) if funnel.kept_by else funnel_paths(funnel, period) }}
),

{#- One pass over the paths for all steps: arrays by step, which the grid takes apart. -#}
served as (
    select
        {{ keys | join(',\n        ') }},
        count() as started,
        {{ by_step(funnel, 'countIf(times[{n}] != {never})') }} as entered,
        {{ by_step(funnel, 'countIf(times[{n}] != {never} and is_open)') }} as incomplete,
        {#- A step that is served has the required step before it served too. #}
        {{ by_step(
            funnel, 'quantilesExactInclusiveIf(0.5, 0.9)((times[{n}] - times[{before}]) / 1000, {n} > 1 and times[{n}] != {never})'
        ) }} as previous_seconds,
        {{ by_step(
            funnel, 'quantileExactInclusiveIf(0.5)((times[{n}] - times[1]) / 1000, times[{n}] != {never})'
        ) }} as start_seconds
    from paths
    group by
        {{ keys | join(',\n        ') }}
),

grid as (
    {%- if call.breakdown is not none %}
    select
        {{ keys | join(',\n        ') }},
        arrayJoin(range(toUInt8(1), toUInt8({{ funnel.steps | length + 1 }}))) as step_number
    from served
    {%- else %}
    select
        project_id,
        '' as value,
        {%- if period %}
        period_start,
        {%- endif %}
        arrayJoin(range(toUInt8(1), toUInt8({{ funnel.steps | length + 1 }}))) as step_number
    from {{ period_grid(call, period) if period else project_ends(call) }}
    {%- endif %}
)

    select
        grid.project_id as project_id,
        {%- if period %}
        grid.period_start as period_start,
        {%- endif %}
        {{ breakdown_columns(call, 'grid.value') }},
        grid.step_number as step_number,
        [{{ names | join(', ') }}][grid.step_number] as step_name,
        served.entered[step_number] as entered,
        entered / nullIf(served.started, 0) as converted_from_start,
        entered / nullIf(served.entered[{{ previous }}[step_number]], 0) as converted_from_previous,
        {{ null_if_nan('served.previous_seconds[step_number][1]') }} as median_seconds_from_previous,
        {{ null_if_nan('served.previous_seconds[step_number][2]') }} as p90_seconds_from_previous,
        {{ null_if_nan('served.start_seconds[step_number]') }} as median_seconds_from_start,
        served.incomplete[step_number] as incomplete
    from grid
    left join served using ({{ keys | join(', ') }})
)
{%- endmacro -%}


{#- An aggregate for each step, as an array; {n} is the step, {before} the required one before it. -#}
{%- macro by_step(funnel, aggregate) -%}
    {%- set aggregates = [] -%}
    {%- for number in range(1, funnel.steps | length + 1) -%}
        {%- set earlier = funnel.required | select('lt', number) | list -%}
        {%- do aggregates.append(aggregate | replace('{n}', number) | replace('{before}', earlier | last if earlier else 1)
            | replace('{never}', funnel.never)) -%}
    {%- endfor -%}
    {{- return('[' ~ aggregates | join(',\n        ') ~ ']') -}}
{%- endmacro -%}


{#- The quantile of nothing is no number. -#}
{%- macro null_if_nan(number) -%}
    {{- return('if(served.started = 0 or isNaN(' ~ number ~ '), null, ' ~ number ~ ')') -}}
{%- endmacro -%}
