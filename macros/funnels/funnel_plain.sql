{#-
    Whether the plain walk answers: most funnels do not need what makes `funnel_walk` and `funnel_attempts` dear, a
    record of every attempt with its events. No event can serve two steps here, so an event is its time and step in one
    number, and only the path to report is ever written out. Beside the bits of more steps the time has no room in 64.
-#}
{%- macro funnel_is_plain(funnel, period) -%}
    {%- set binds_values = funnel.call.breakdown is not none and (funnel.held or funnel.bound) -%}
    {{- return(
        funnel.order == 'ordered' and funnel.ties == 'any' and funnel['count'] != 'totals' and period is none
        and funnel.disjoint and not funnel.exclusions and not funnel.optional
        and (not binds_values or (funnel_groups_by_value(funnel) and not funnel.held))
        and funnel.steps | length <= 16
    ) -}}
{%- endmacro -%}


{#-
    An event as one number, which sorts by time, then by step. Before it comes the number of its held value, so events that
    share one are a run of the stream; the time is flipped there to sort without a sign.
-#}
{%- macro plain_event(funnel, at='at', steps='steps', held='held') -%}
    {%- set packed = 'toInt64(' ~ at ~ ' * ' ~ 2 ** (funnel.steps | length) ~ ' + ' ~ steps ~ ')' -%}
    {%- if not funnel.held -%}
        {{- return(packed) -}}
    {%- endif -%}
    {{- return('bitOr(bitShiftLeft(toUInt128(' ~ held ~ '), 64), bitXor(reinterpretAsUInt64(' ~ packed ~ '), bitShiftLeft(1::UInt64, 63)))') -}}
{%- endmacro -%}


{%- macro unheld_event(funnel, event) -%}
    {%- if not funnel.held -%}
        {{- return(event) -}}
    {%- endif -%}
    {{- return('reinterpretAsInt64(bitXor(toUInt64(' ~ event ~ '), bitShiftLeft(1::UInt64, 63)))') -}}
{%- endmacro -%}


{#-
    What is collected of an actor's events, as `actor_groups` has it. Ids lie beside the numbers of their events: as `marks`
    where they are shown (the engine drops them where no one reads them), as `rivals` those of starts that may be at one time.
-#}
{%- macro plain_measures(funnel) -%}
    {%- set event = plain_event(funnel) -%}
    {%- set collected = {'events': 'groupArray(' ~ event ~ ')'} -%}
    {%- if funnel.needs_ids -%}
        {%- do collected.update({'mark_ids': 'groupArray(event_id)', 'mark_events': 'groupArray(' ~ event ~ ')'}) -%}
    {%- endif -%}
    {%- if funnel.held -%}
        {%- do collected.update({
            'rival_ids': 'groupArrayIf(event_id, is_rival)', 'rival_events': 'groupArrayIf(' ~ event ~ ', is_rival)',
        }) -%}
    {%- endif -%}
    {{- return(array_measures(collected)) -}}
{%- endmacro -%}


{#-
    The CTEs from `streams` to `counted`, as `funnel_attempts` leaves it.

    `from_<n>` holds for every position of a stream the times of step n and what follows it, for the first event there
    or later that serves step n.
-#}
{%- macro funnel_plain(funnel) -%}
    {%- set never, step_count = funnel.never, funnel.steps | length -%}
    {%- set units = ['project_id', 'actor'] + (['session_id'] if funnel['count'] == 'sessions' else []) + ['breakdown'] -%}
    {%- set carried = (['mark_ids', 'mark_events'] if funnel.needs_ids else [])
        + (['rival_ids', 'rival_events'] if funnel.held else []) -%}
    {%- set is_in_window = ' <= start.1 + ' ~ funnel.window -%}
    {%- set reached, times = [], [] -%}
    {%- for number in range(2, step_count + 1) -%}
        {%- do reached.append('(start.' ~ number ~ is_in_window ~ ')') -%}
    {%- endfor -%}
    {%- for number in range(1, step_count + 1) -%}
        {%- do times.append('best.' ~ number) -%}
    {%- endfor -%}
positions{{ funnel.tag }} as (
    select
        {{ (units + carried) | join(',\n        ') }},
        {%- if funnel.held %}
        arrayMap(e -> toUInt64(bitShiftRight(e, 64)), events) as runs,
        arrayMap((now, next) -> now != next, runs, arrayShiftLeft(runs, 1)) as is_last_of_run,
        {%- endif %}
        arrayMap(e -> bitShiftRight({{ unheld_event(funnel, 'e') }}, {{ step_count }}), events) as at,
        arrayMap(e -> bitAnd({{ unheld_event(funnel, 'e') }}, {{ 2 ** step_count - 1 }}), events) as steps
    from streams{{ funnel.tag }}
    {%- if funnel['count'] == 'sessions' %}
    where session_id != ''
    {%- endif %}
),
    {% for number in range(step_count, 1, -1) %}
from_{{ number }}{{ funnel.tag }} as (
    select
        *,
        {%- if funnel.held %}
        arrayReverseFill((x, is_last) -> is_last or x.1 != {{ never }}, {{ plain_records(funnel, number) }}, is_last_of_run)
        {%- else %}
        arrayReverseFill(x -> x.1 != {{ never }}, {{ plain_records(funnel, number) }})
        {%- endif %} as from_{{ number }}
    from {{ 'positions' if loop.first else 'from_' ~ (number + 1) }}{{ funnel.tag }}
),
    {% endfor %}
starts{{ funnel.tag }} as (
    select
        {{ (units + carried) | join(',\n        ') }},
        arrayFilter(x -> x.1 != {{ never }}, {{ plain_records(funnel, 1) }}) as starts
    from {{ 'from_2' if step_count > 1 else 'positions' }}{{ funnel.tag }}
),

bests{{ funnel.tag }} as (
    select
        {{ (units + carried) | join(',\n        ') }},
        {%- set level_of_start = (['1'] + reached) | join(' + ') %}
        {%- if funnel.held %}
        {#- Runs lie side by side: the earliest of the starts to choose from has to be found, by its id where there are several. #}
        {%- if funnel.entry == 'first' %}
        starts as rivals,
        {%- else %}
        arrayMap(start -> {{ level_of_start }}, starts) as levels,
        arrayMax(levels) as most,
        arrayFilter((start, reached) -> reached = most, starts, levels) as rivals,
        {%- endif %}
        arrayMin(arrayMap(start -> start.1, rivals)) as started_at,
        arrayFilter(start -> start.1 = started_at, rivals) as earliest,
        {%- set start_event = plain_event(funnel, 'start.1', '1', 'start.' ~ (step_count + 1)) %}
        if(
            length(earliest) = 1,
            earliest[1],
            arraySort(start -> {{ plain_id('rival', start_event) }}, earliest)[1]
        ) as best,
        arrayMap(start -> {{ level_of_start }}, [best])[1] as level
        {%- else %}
        arrayMap(start -> {{ level_of_start }}, starts) as levels,
        {{ '1' if funnel.entry == 'first' else 'indexOf(levels, arrayMax(levels))' }} as place,
        levels[place] as level,
        starts[place] as best
        {%- endif %}
    from starts{{ funnel.tag }}
    where notEmpty(starts)
),

counted{{ funnel.tag }} as (
    select
        {{ units | join(',\n        ') }},
        level,
        arrayMap(t -> if(t <= best.1 + {{ funnel.window }}, t, {{ never }}), [{{ times | join(', ') }}]) as times,
        {%- if funnel.needs_ids %}
        {%- set ids = [] %}
        {%- for number in range(1, step_count + 1) %}
            {%- do ids.append('if(times[' ~ number ~ '] = ' ~ never ~ ", '', " ~ plain_id(
                'mark', plain_event(funnel, 'times[' ~ number ~ ']', 2 ** (number - 1), 'best.' ~ (step_count + 1))
            ) ~ ')') %}
        {%- endfor %}
        [
            {{ ids | join(',\n            ') }}
        ] as marks
        {%- else %}
        emptyArrayUInt32() as marks
        {%- endif %}
    from bests{{ funnel.tag }}
)
{%- endmacro -%}


{#- The id of an event of the actor, by its number; of several the first. -#}
{%- macro plain_id(kind, event) -%}
    {{- return('arraySort(arrayFilter((id, e) -> e = ' ~ event ~ ', ' ~ kind ~ '_ids, ' ~ kind ~ '_events))[1]') -}}
{%- endmacro -%}


{#- For each position the times of a step that it serves and of what follows, else `never`; of a start its run as well. -#}
{%- macro plain_records(funnel, number) -%}
    {%- set last = funnel.steps | length -%}
    {%- set condition = 'bitTest(s, ' ~ (number - 1) ~ ')' -%}
    {%- if number == 1 and funnel.call.end is not none -%}
        {%- set condition = condition ~ ' and t < toUnixTimestamp64Milli(' ~ funnel.call.end ~ ')' -%}
    {%- endif -%}
    {%- set served, missed = ['t'], [funnel.never] * (last - number + 1) -%}
    {%- for following in range(1, last - number + 1) -%}
        {%- do served.append('n.' ~ following) -%}
    {%- endfor -%}
    {%- set names, arrays = ('t, s, n', 'at, steps, from_' ~ (number + 1)) if number < last else ('t, s', 'at, steps') -%}
    {%- if number == 1 and funnel.held -%}
        {%- set names, arrays = names ~ ', run', arrays ~ ', runs' -%}
        {%- do served.append('run') -%}
        {%- do missed.append('0::UInt64') -%}
    {%- endif -%}
    {{- return('arrayMap((' ~ names ~ ') -> if(' ~ condition ~ ', tuple(' ~ served | join(', ') ~ '), tuple('
        ~ missed | join(', ') ~ ')), ' ~ arrays ~ ')') -}}
{%- endmacro -%}
