{#-
    Whether the plain walk answers: most funnels do not need what makes `funnel_walk` and `funnel_attempts` dear, a
    record of every attempt with its events. No event can serve two steps here, so an event is its time and step in one
    number, and only the path to report is ever written out. Beside the bits of more steps the time has no room in 64.
-#}
{%- macro funnel_is_plain(funnel, period) -%}
    {%- set binds_values = funnel.call.breakdown is not none and (funnel.held or funnel.bound) -%}
    {{- return(
        funnel.order == 'ordered' and funnel.ties == 'any' and funnel['count'] != 'totals' and period is none
        and funnel.disjoint and not funnel.needs_ids and not funnel.exclusions and not funnel.optional
        and (not binds_values or (funnel_groups_by_value(funnel) and not funnel.held))
        and funnel.steps | length <= 16
    ) -}}
{%- endmacro -%}


{#- An event as one number, which sorts by time, then by step. -#}
{%- macro packed_event(funnel) -%}
    {{- return('toInt64(at * ' ~ 2 ** (funnel.steps | length) ~ ' + steps)') -}}
{%- endmacro -%}


{#-
    Events that share a held value are one run of the stream. Of starts at one time in several runs the smallest id is
    the one to report, so starts bring theirs along.
-#}
{%- macro plain_fields(funnel) -%}
    {{- return((['held'] if funnel.held else []) + [packed_event(funnel)] + (['start_id'] if funnel.held else [])) -}}
{%- endmacro -%}


{#-
    The CTEs from `streams` to `counted`, as `funnel_attempts` leaves it, without marks.

    `from_<n>` holds for every position of a stream the times of step n and what follows it, for the first event there
    or later that serves step n.
-#}
{%- macro funnel_plain(funnel) -%}
    {%- set never, step_count = funnel.never, funnel.steps | length -%}
    {%- set units = ['project_id', 'actor'] + (['session_id'] if funnel['count'] == 'sessions' else []) + ['breakdown'] -%}
    {%- set is_in_window = ' <= start.1 + ' ~ funnel.window -%}
    {%- set packed = 'e.2' if funnel.held else 'e' -%}
    {%- set reached, times = [], [] -%}
    {%- for number in range(2, step_count + 1) -%}
        {%- do reached.append('(start.' ~ number ~ is_in_window ~ ')') -%}
    {%- endfor -%}
    {%- for number in range(1, step_count + 1) -%}
        {%- do times.append('best.' ~ number) -%}
    {%- endfor -%}
positions{{ funnel.tag }} as (
    select
        {{ units | join(',\n        ') }},
        {%- if funnel.held %}
        events.3 as ids,
        arrayMap((now, next) -> now != next, events.1, arrayShiftLeft(events.1, 1)) as is_last_of_run,
        {%- endif %}
        arrayMap(e -> bitShiftRight({{ packed }}, {{ step_count }}), events) as at,
        arrayMap(e -> bitAnd({{ packed }}, {{ 2 ** step_count - 1 }}), events) as steps
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
        {{ units | join(',\n        ') }},
        {%- if funnel.held %}
        {#- Runs lie side by side, so starts are put in order again. #}
        arraySort(start -> (start.1, start.{{ step_count + 1 }}), arrayFilter(
            x -> x.1 != {{ never }}, {{ plain_records(funnel, 1) }}
        )) as starts
        {%- else %}
        arrayFilter(x -> x.1 != {{ never }}, {{ plain_records(funnel, 1) }}) as starts
        {%- endif %}
    from {{ 'from_2' if step_count > 1 else 'positions' }}{{ funnel.tag }}
),

bests{{ funnel.tag }} as (
    select
        {{ units | join(',\n        ') }},
        arrayMap(start -> {{ (['1'] + reached) | join(' + ') }}, starts) as levels,
        {{ '1' if funnel.entry == 'first' else 'indexOf(levels, arrayMax(levels))' }} as place,
        levels[place] as level,
        starts[place] as best
    from starts{{ funnel.tag }}
    where notEmpty(starts)
),

counted{{ funnel.tag }} as (
    select
        {{ units | join(',\n        ') }},
        (
            level,
            arrayMap(t -> if(t <= best.1 + {{ funnel.window }}, t, {{ never }}), [{{ times | join(', ') }}]),
            emptyArrayUInt32()
        ) as path
    from bests{{ funnel.tag }}
)
{%- endmacro -%}


{#- For each position the times of a step that it serves and of what follows, else `never`. -#}
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
        {%- set names, arrays = names ~ ', id', arrays ~ ', ids' -%}
        {%- do served.append('id') -%}
        {%- do missed.append("''") -%}
    {%- endif -%}
    {{- return('arrayMap((' ~ names ~ ') -> if(' ~ condition ~ ', tuple(' ~ served | join(', ') ~ '), tuple('
        ~ missed | join(', ') ~ ')), ' ~ arrays ~ ')') -}}
{%- endmacro -%}
