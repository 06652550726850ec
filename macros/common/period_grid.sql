{#-
    The periods that a result has rows for, as a bracketed subquery: project_id, period_start; those that the call's
    range touches, and where that is open, those of the project's own events.
-#}
{%- macro period_grid(call, period) -%}
    {%- set first_instant = call.start or 'data_start' -%}
    {%- set last_instant = 'data_end' if call.end is none else last_instant_of(call) -%}
    (
        select
            project_id,
            arrayJoin({{ periods_from_to(call, 'first_period', 'last_period', period) }}) as period_start
        from (
            select
                project_id,
                assumeNotNull({{ period_start(call, first_instant, period) }}) as first_period,
                assumeNotNull({{ period_start(call, last_instant, period) }}) as last_period
            from {{ project_ends(call) }}
            where {{ first_instant }} <= {{ last_instant }}
        )
    )
{%- endmacro -%}


{#- All periods from a first to a last one (starts of periods), as an array. -#}
{%- macro periods_from_to(call, first, last, period) -%}
    {%- if period == 'hour' -%}
    {#- Where a clock has changed by half an hour the next full one is not an hour later. -#}
    arrayFilter(
        start -> start between {{ first }} and {{ last }},
        arrayDistinct(arrayMap(
            number -> {{ period_start(call, '(' ~ first ~ ' + toIntervalMinute(30 * number))', period) }},
            range(toUInt64(greatest(0, 2 * {{ periods_between(first, last, period) }} + 3)))
        ))
    )
    {%- else -%}
    arrayMap(
        number -> {{ add_periods(first, 'number', period) }},
        range(toUInt64(greatest(0, {{ periods_between(first, last, period) }} + 1)))
    )
    {%- endif -%}
{%- endmacro -%}


{#- The last millisecond of a call's range, which has an end. -#}
{%- macro last_instant_of(call) -%}
    {{- return(call.end ~ ' - toIntervalMillisecond(1)') -}}
{%- endmacro -%}


{#-
    The grid crossed with breakdown values: project_id, breakdown, period_start. `values` is a relation with project_id
    and breakdown; without a breakdown every project has the one value ''.
-#}
{%- macro breakdown_grid(call, grid, values) -%}
    (
        {% if call.breakdown is none -%}
        select
            project_id,
            '' as breakdown,
            period_start
        from {{ grid }}
        {%- else -%}
        select
            project_id,
            breakdown_values.breakdown as breakdown,
            period_start
        from {{ grid }} as grid
        inner join (
            select distinct
                project_id,
                breakdown
            from {{ values }}
        ) as breakdown_values using (project_id)
        {%- endif %}
    )
{%- endmacro -%}
