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
    from {{ funnel_paths(funnel, period) }}
),

served as (
    select
        {{ keys | join(',\n        ') }},
        step_number,
        countIf(times[step_number] != {{ never }}) as entered,
        countIf(times[previous_number] != {{ never }}) as entered_previous,
        count() as started,
        countIf(times[step_number] != {{ never }} and is_open) as incomplete,
        {#- A step that is served has the required step before it served too. #}
        {%- set seconds = 'if(times[step_number] = ' ~ never
            ~ ' or step_number = 1, null, (times[step_number] - times[previous_number]) / 1000)' %}
        quantileExactInclusiveOrNull(0.5)({{ seconds }}) as median_seconds,
        quantileExactInclusiveOrNull(0.9)({{ seconds }}) as p90_seconds,
        quantileExactInclusiveOrNull(0.5)(
            if(times[step_number] = {{ never }}, null, (times[step_number] - times[1]) / 1000)
        ) as start_seconds
    from paths
    array join
        range(toUInt8(1), toUInt8({{ funnel.steps | length + 1 }})) as step_number,
        {{ previous }} as previous_number
    group by
        {{ keys | join(',\n        ') }},
        step_number
),

grid as (
    {%- if call.breakdown is not none %}
    select distinct
        {{ keys | join(',\n        ') }},
        step_number
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
        served.entered as entered,
        if(served.started = 0, null, served.entered / served.started) as converted_from_start,
        if(served.entered_previous = 0, null, served.entered / served.entered_previous) as converted_from_previous,
        served.median_seconds as median_seconds_from_previous,
        served.p90_seconds as p90_seconds_from_previous,
        served.start_seconds as median_seconds_from_start,
        served.incomplete as incomplete
    from grid
    left join served using ({{ keys | join(', ') }}, step_number)
)
{%- endmacro -%}
