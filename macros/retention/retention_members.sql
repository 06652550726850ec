{#-
    Who is in which cohort, and when they came back. Internal to `retention`.

    The events that matter: matches of the target, of its name alone (that is where `first_ever` looks), and of the
    returning event, from all times: a cohort is the first match ever, and returns count to the data's end.
-#}
{%- macro retention_rows(call, target, returning) -%}
    {%- set names = {'event': target.names if target.names is not none else '*'} -%}
    {%- set named = step_condition(call, 'target', names).condition -%}
    {#- A condition on a missing number is NULL, which argMin would pass over. -#}
    {%- set columns = {
        'breakdown': call.breakdown or "''",
        'period': period_start(call, 'occurred_at', call.period),
        'is_target': 'ifNull(' ~ target.condition ~ ', 0)',
        'is_return': 'ifNull(' ~ returning.condition ~ ', 0)',
    } -%}
    {%- set match = '(' ~ target.condition ~ ' or ' ~ returning.condition ~ ')' -%}
    {%- if call.cohort == 'first_ever' -%}
        {%- set columns = dict(columns, is_named=named) -%}
        {%- set match = '(' ~ named ~ ' or ' ~ returning.condition ~ ')' -%}
    {%- endif -%}
    {{- event_rows(call, columns=columns, match=match, from_start=false, to_end=false, by_owner=true) -}}
{%- endmacro -%}


{#-
    One row per actor and cohort: project_id, breakdown, actor, cohort_start, started_at (the target event), and
    active_periods: the numbers, from 1, of the periods with enough returning events.
-#}
{%- macro retention_members(call, rows) -%}
    {%- set returns = 'period' if call.measure == 'calendar' else 'toUnixTimestamp64Milli(occurred_at)' -%}
    {%- set group = 'groupUniqArrayIf' if call.measure == 'calendar' and call.min_occurrences == 1 else 'groupArrayIf' -%}
    {%- set measures = dict(
        {'is_target': ['max(rows.is_target)', 'max(owned.is_target)']},
        **array_measures({'returns': group ~ '(' ~ returns ~ ', is_return)'})
    ) -%}
    {%- if call.cohort == 'recurring' -%}
        {#- Each period with a target event in the range, and the first of those. -#}
        {%- do measures.update({'targets': [
            'minMapIf([period], [occurred_at], rows.is_target and ' ~ in_range(call, 'occurred_at') ~ ')',
            'minMap(owned.targets.1, owned.targets.2)',
        ]}) -%}
    {%- else -%}
        {%- do measures.update({'first_target_at': [
            'minIf(occurred_at, rows.is_target)', 'minIf(owned.first_target_at, owned.is_target)'
        ]}) -%}
    {%- endif -%}
    {%- if call.cohort == 'first_ever' -%}
        {%- do measures.update({
            'is_named': ['max(rows.is_named)', 'max(owned.is_named)'],
            'first_named': [
                'minIf((occurred_at, event_id, rows.is_target), rows.is_named)', 'minIf(owned.first_named, owned.is_named)'
            ],
        }) -%}
    {%- endif -%}
(

    select
        project_id,
        breakdown,
        actor,
        {%- if call.cohort == 'recurring' %}
        arrayJoin(arrayZip(targets.1, targets.2)) as start,
        start.1 as cohort_start,
        start.2 as started_at,
        {%- else %}
        first_target_at as started_at,
        {{ period_start(call, 'started_at', call.period) }} as cohort_start,
        {%- endif %}
        {{ active_periods(call) }} as active_periods
    from {{ actor_groups(call, rows ~ ' as rows', ['breakdown'], measures) }}
    where
        is_target
        {%- if call.cohort == 'first_ever' %}
        and first_named.3
        {%- endif %}
        and {{ in_range(call, 'started_at') }}

)
{%- endmacro -%}


{#- The numbers of the periods, from 1, in which a member came back often enough; each once. -#}
{%- macro active_periods(call) -%}
    {%- if call.measure == 'calendar' -%}
        {%- set number = periods_between('cohort_start', 'return', call.period) -%}
    {%- else -%}
        {%- set number = 'intDiv(return - toUnixTimestamp64Milli(started_at), ' ~ rolling_milliseconds(call.period) ~ ')' -%}
    {%- endif -%}
    {%- set numbers = 'arrayFilter(number -> number >= 1, arrayMap(return -> ' ~ number ~ ', returns))' -%}
    {%- if call.min_occurrences > 1 -%}
        {#- Sorted, a number that stands there n times is met again n - 1 places further. -#}
        {%- set numbers = 'arrayFilter((number, nth) -> numbers[nth + ' ~ (call.min_occurrences - 1)
            ~ '] = number, arraySort(' ~ numbers ~ ') as numbers, arrayEnumerate(numbers))' -%}
    {%- endif -%}
    {{- return('arrayDistinct(' ~ numbers ~ ')') -}}
{%- endmacro -%}


{#- The call's range as a condition on an instant. -#}
{%- macro in_range(call, instant) -%}
    {%- set conditions = [] -%}
    {%- if call.start is not none -%}
        {%- do conditions.append(instant ~ ' >= ' ~ call.start) -%}
    {%- endif -%}
    {%- if call.end is not none -%}
        {%- do conditions.append(instant ~ ' < ' ~ call.end) -%}
    {%- endif -%}
    {{- return(conditions | join(' and ') or '1') -}}
{%- endmacro -%}


{#- How large the cohorts of each breakdown value are, as `limit_breakdown` wants it. -#}
{%- macro members_per_breakdown(call, rows) -%}
    (
        select
            project_id,
            breakdown,
            count() as size
        from {{ retention_members(call, rows) }}
        group by
            project_id,
            breakdown
    )
{%- endmacro -%}
