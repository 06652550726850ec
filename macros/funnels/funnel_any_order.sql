{#-
    The CTEs of order='any'. From every event of a step within the range, the steps that different events serve within
    the window; the n-th time is when n steps are served. Of each step the first events are enough: as many as there are
    steps, or one where no event can serve two.

    `next_<n>` holds for every event of step n itself and the next ones of that step, doubled from one to enough, then for
    every position of the stream those of the first event there or later that serves step n.
-#}
{%- macro funnel_any_order(funnel) -%}
    {%- set fields, never = funnel_fields(funnel), funnel.never -%}
    {%- set numbers = range(1, funnel.steps | length + 1) -%}
    {%- set enough = 1 if funnel.disjoint else funnel.steps | length -%}
    {%- set none_mark = "''" if funnel.has_ids else 'toUInt32(0)' -%}
    {%- set last = namespace(cte='nexts_1' ~ funnel.tag) -%}
positions{{ funnel.tag }} as (
    select
        * except events,
        events.{{ field_number(fields, 'at') }} as at,
        events.{{ field_number(fields, 'steps') }} as steps,
        {{ 'events.' ~ field_number(fields, 'event_id') if funnel.has_ids else 'arrayEnumerate(at)' }} as marks,
        arrayMap((now, before) -> now != before, at, arrayShiftRight(at, 1, {{ never }})) as is_first_of_time
    from streams{{ funnel.tag }}
    {%- if funnel.held %}
    where not has(held, '')
    {%- endif %}
),
nexts_1{{ funnel.tag }} as (
    select
        *
        {%- for number in numbers %},
        {%- set is_served = 'bitTest(s, ' ~ (number - 1) ~ ')' %}
        arrayMap(deed -> [deed], arrayFilter((deed, s) -> {{ is_served }}, arrayZip(at, marks, steps), steps)) as next_{{ number }},
        arrayFilter((place, s) -> {{ is_served }}, arrayEnumerate(at), steps) as places_{{ number }}
        {%- endfor %}
    from positions{{ funnel.tag }}
),
    {% for count in [1, 2, 4, 8, 16] if count < enough %}
nexts_{{ count * 2 }}{{ funnel.tag }} as (
    select
        * replace (
            {%- for number in numbers %}
            arrayMap(
                (nearest, further) -> arrayConcat(nearest, {{ 'further' if count * 2 <= enough else 'arraySlice(further, 1, ' ~ (enough - count) ~ ')' }}),
                next_{{ number }}, arrayShiftLeft(next_{{ number }}, {{ count }}, [])
            ) as next_{{ number }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    from {{ last.cte }}
),
        {% set last.cte = 'nexts_' ~ (count * 2) ~ funnel.tag -%}
    {%- endfor %}
    {%- set candidates, places, near = [], [], [] %}
    {%- for number in numbers %}
        {#- In a tuple each position's events stay an array of their own. #}
        {%- set next = 'arrayFlatten(arrayMap((deeds, place, before) -> arrayWithConstant(place - before, tuple(deeds)), '
            ~ 'arrayPushBack(next_{n}, []), arrayPushBack(places_{n}, length(at)), arrayPushFront(places_{n}, 0)))' %}
        {#- Events of the start's own time count whatever their order. #}
        {%- do candidates.append('arrayFill((x, is_first) -> is_first, ' ~ next | replace('{n}', number) ~ ', is_first_of_time)') %}
        {%- do places.append('c' ~ number) %}
        {%- do near.append('c' ~ number ~ '.1') %}
    {%- endfor %}
    {%- set ended = ' and t < toUnixTimestamp64Milli(' ~ funnel.call.end ~ ')' if funnel.call.end is not none else '' %}
    {%- set none_marks = 'arrayWithConstant(' ~ funnel.steps | length ~ ', ' ~ none_mark ~ ')' %}
walks{{ funnel.tag }} as (
    select
        *,
        arrayMap(
            c -> (
                arrayResize(c.1, {{ funnel.steps | length }}, {{ never }}),
                arrayResize(c.2, {{ funnel.steps | length }}, {{ none_mark }}),
                emptyArrayInt64()
            ),
            arrayMap(
                near -> {{ served_in_any_order(funnel, 'near') }},
                arrayMap(
                    x -> arraySort(arrayDistinct(arrayFilter(
                        c -> c.1 <= x.1 + {{ funnel.window }}, x.2
                    ))),
                    arrayFilter(x -> x.3, arrayMap(
                        (t, s, {{ places | join(', ') }}) -> (t, arrayConcat({{ near | join(', ') }}), s != 0{{ ended }}),
                        at, steps, {{ candidates | join(', ') }}
                    ))
                )
            )
        ) as found
    from {{ last.cte }}
),
{% endmacro -%}


{#-
    (times, marks) at which one more step is served by the events `near` = [(at, mark, steps), …], in order.

    Of the sets of steps that the events so far can serve, the largest are enough: an event makes a set larger that lacks a
    step of its own, and where none does, it makes no other set as large (the exchange of bases in a transversal matroid).
-#}
{%- macro served_in_any_order(funnel, near) -%}
    {%- if funnel.disjoint -%}
        {{- return('(arrayMap(c -> c.1, ' ~ near ~ '), arrayMap(c -> c.2, ' ~ near ~ '))') -}}
    {%- endif -%}
    {%- set count = funnel.steps | length -%}
    {%- set no_marks = "CAST([], 'Array(String)')" if funnel.has_ids else "CAST([], 'Array(UInt32)')" -%}
    {%- set fold -%}
arrayMap(
    served -> (served.1, served.2),
    [arrayFold(
        (served, e) -> arrayMap(
            ways -> if(
                empty(ways), served, (arrayPushBack(served.1, e.1), arrayPushBack(served.2, e.2), ways)
            ),
            [arrayDistinct(arrayFlatten(arrayMap(
                way -> arrayMap(
                    n -> bitOr(way, bitShiftLeft(toUInt64(1), n)),
                    arrayFilter(n -> bitTest(e.3, n) and not bitTest(way, n), range(toUInt64({{ count }})))
                ),
                served.3
            )))]
        )[1],
        {{ near }},
        (emptyArrayInt64(), {{ no_marks }}, [toUInt64(0)])
    )]
)[1]
    {%- endset -%}
    {{- return(fold) -}}
{%- endmacro -%}
