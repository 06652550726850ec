{% macro active_users(period='day', windows=[1, 7, 28]) %}
{%- set call = common_arguments('active_users', kwargs) -%}
{%- do check_period('active_users', 'period', period) -%}
{%- set of_days = is_asked_of_days(call, period) -%}
{%- set call = with_ends_only(call) if of_days else call -%}
{%- set windows = check_windows('active_users', 'windows', windows) -%}
{#- Stickiness needs both, asked for or not. -#}
{%- set computed = (windows + [1, 28]) | unique | sort -%}
{%- set unit = period if period in ['minute', 'hour'] else 'day' -%}
{%- set units_of_a_day = {'minute': 1440, 'hour': 24, 'day': 1}[unit] -%}
{#- Longer than any gap. -#}
{%- set never = 4294967296 -%}
{%- set columns = {
    'breakdown': call.breakdown or "''",
    'unit': unit_number(call, period_start(call, 'occurred_at', unit), unit)
} -%}
{#- History before the range fills the windows of its first rows. -#}
{%- set rows = event_rows(call, columns=columns, from_start=false, by_owner=true) -%}
{%- if call.breakdown_limit is not none -%}
    {%- set in_range = event_rows(call, columns=columns) -%}
    {%- set rows = limit_breakdown(call, rows, actors_per_breakdown(in_range)) -%}
{%- endif -%}
(
with

{% if of_days -%}
moves as (

    {{ moves_of_days(call, computed) | indent(4) }}

),
{%- else -%}
-- The {{ unit }}s (numbered from 1970) on which each actor was active, in order, and how far apart they are.
activity as (

    select
        project_id,
        breakdown,
        arraySort(arrayDistinct(units)) as active_units,
        arrayPopFront(arrayDifference(active_units)) as gaps
    from {{ actor_groups(call, rows, ['breakdown'], distinct_values('unit')) }}

),

-- An actor enters a window on an active {{ unit }} and leaves it when the window has passed without another one. So the
-- actors in a window are a running sum of entries and exits, and no event is counted once for each window it is in.
moves as (

    select
        project_id,
        breakdown,
        move.1 as unit,
        {%- for window in computed %}
        sumIf(move.2, window_days = {{ window }}) as active_{{ window }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            project_id,
            breakdown,
            window_days,
            window_days * {{ units_of_a_day }} as window_units,
            arrayJoin(
                arrayConcat(
                    arrayMap(
                        active -> (active, toInt64(1)),
                        arrayFilter(
                            (active, gap_before) -> gap_before > window_units,
                            active_units,
                            arrayPushFront(gaps, {{ never }})
                        )
                    ),
                    arrayMap(
                        active -> (active + window_units, toInt64(-1)),
                        arrayFilter(
                            (active, gap_after) -> gap_after > window_units,
                            active_units,
                            arrayPushBack(gaps, {{ never }})
                        )
                    )
                )
            ) as move
        from activity
        array join [{{ computed | join(', ') }}] as window_days
    )
    group by
        project_id,
        breakdown,
        unit

),
{%- endif %}

-- The last {{ unit }} of each row's period, put among the moves.
grid as (

    select
        project_id,
        breakdown,
        period_start,
        {{ unit_number(call, add_periods('period_start', 1, period), unit) }} - 1 as unit
    from {{ breakdown_grid(call, period_grid(call, period), 'activity') }}

),

rows_and_moves as (

    select
        project_id,
        breakdown,
        unit,
        [period_start] as period_starts,
        {%- for window in computed %}
        toInt64(0) as active_{{ window }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from grid
    union all
    select
        project_id,
        breakdown,
        unit,
        [] as period_starts,
        {%- for window in computed %}
        active_{{ window }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from moves

),

running as (

    select
        project_id,
        breakdown,
        period_starts,
        {%- for window in computed %}
        toUInt64(sum(active_{{ window }}d) over up_to_here) as active_{{ window }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from rows_and_moves
    window up_to_here as (
        partition by project_id, breakdown
        order by unit
        range between unbounded preceding and current row
    )

)

select
    project_id,
    arrayJoin(period_starts) as period_start,
    {{ breakdown_columns(call, 'running.breakdown') }},
    {%- for window in windows %}
    active_{{ window }}d as {{ window_name(window) }},
    {%- endfor %}
    active_1d / nullIf(active_28d, 0) as stickiness
from running
order by
    project_id,
    period_start,
    breakdown
)
{% endmacro %}


{%- macro check_windows(macro, argument, windows) -%}
    {%- set allowed = 'a list of different whole numbers of days from 1 up, such as [1, 7, 28]' -%}
    {%- if not is_list(windows) or not windows or windows | unique | list | length != windows | length -%}
        {%- do argument_error(macro, argument, windows, allowed) -%}
    {%- endif -%}
    {%- for window in windows if window is boolean or window is not integer or not 1 <= window <= 3660 -%}
        {%- do argument_error(macro, argument, windows, allowed) -%}
    {%- endfor -%}
    {{- return(windows | list) -}}
{%- endmacro -%}


{#- The days, hours or minutes from 1970 to the one that starts at `start`. -#}
{%- macro unit_number(call, start, unit) -%}
    {%- if unit == 'day' -%}
        {{- return('toInt64(toRelativeDayNum(' ~ start ~ '))') -}}
    {%- endif -%}
    {{- return('toInt64(intDiv(toUnixTimestamp(' ~ start ~ '), ' ~ {'hour': 3600, 'minute': 60}[unit] ~ '))') -}}
{%- endmacro -%}


{%- macro window_name(window) -%}
    {{- return({1: 'dau', 7: 'wau', 28: 'mau'}.get(window, 'active_' ~ window ~ 'd')) -}}
{%- endmacro -%}


{#- How many actors each breakdown value has, as `limit_breakdown` wants it. -#}
{%- macro actors_per_breakdown(rows) -%}
    (
        select
            project_id,
            breakdown,
            uniqExact(actor) as size
        from {{ rows }}
        group by
            project_id,
            breakdown
    )
{%- endmacro -%}
