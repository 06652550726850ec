{#-
    The CTEs of order='any'. From every event of a step within the range, the steps that different events serve within
    the window; the n-th time is when n steps are served. Of each step the first events are enough: as many as there are
    steps, or one where no event can serve two.
-#}
{%- macro funnel_any_order(funnel) -%}
    {%- set fields, never = funnel_fields(funnel), funnel.never -%}
    {%- set copies = 1 if funnel.disjoint else funnel.steps | length -%}
    {%- set none_mark = "''" if funnel.has_ids else 'toUInt32(0)' -%}
    {%- set none_deed = '(' ~ never ~ ', ' ~ none_mark ~ ', toUInt64(0))' -%}
    {%- set last, nexts = namespace(cte='positions' ~ funnel.tag), [] -%}
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
    {% for number in range(1, funnel.steps | length + 1) -%}
        {%- for copy in range(1, copies + 1) %}
            {%- set name = number ~ '_' ~ copy %}
            {%- set found = 'arrayMap((t, m, s, later) -> if(bitTest(s, ' ~ (number - 1) ~ '), '
                ~ ('(t, m, s)' if copy == 1 else 'later') ~ ', ' ~ none_deed ~ '), at, marks, steps, '
                ~ ('at' if copy == 1 else 'arrayShiftLeft(found_' ~ number ~ '_' ~ (copy - 1) ~ ', 1, ' ~ none_deed ~ ')')
                ~ ')' %}
            {%- if copy > 1 %}
                {#- A position that serves the step stands for itself, even if no other follows. #}
                {%- set filled = 'arrayMap(p -> p.1, arrayReverseFill(p -> p.2, arrayMap((f, s) -> (f, bitTest(s, '
                    ~ (number - 1) ~ ')), ' ~ found ~ ', steps)))' %}
            {%- else %}
                {%- set filled = 'arrayReverseFill(x -> x.1 != ' ~ never ~ ', ' ~ found ~ ')' %}
            {%- endif %}
step_{{ name }}{{ funnel.tag }} as (
    select
        *,
        {{ filled }} as found_{{ name }}
    from {{ last.cte }}
),
            {% set last.cte = 'step_' ~ name ~ funnel.tag -%}
            {%- do nexts.append('found_' ~ name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set candidates = [] -%}
    {%- for name in nexts -%}
        {#- Events of the start's own time count whatever their order. #}
        {%- do candidates.append('arrayFill((x, is_first) -> is_first, ' ~ name ~ ', is_first_of_time)') -%}
    {%- endfor %}
    {%- set ended = ' and t < toUnixTimestamp64Milli(' ~ funnel.call.end ~ ')' if funnel.call.end is not none else '' %}
    {%- set places, none_marks = [], 'arrayWithConstant(' ~ funnel.steps | length ~ ', ' ~ none_mark ~ ')' %}
    {%- for name in nexts %}{% do places.append('c' ~ loop.index) %}{% endfor %}
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
                        c -> c.1 != {{ never }} and c.1 <= x.1 + {{ funnel.window }}, x.2
                    ))),
                    arrayFilter(x -> x.3, arrayMap(
                        (t, s, {{ places | join(', ') }}) -> (t, [{{ places | join(', ') }}], s != 0{{ ended }}),
                        at, steps, {{ candidates | join(', ') }}
                    ))
                )
            )
        ) as found
    from {{ last.cte }}
),
{% endmacro -%}


{#- (times, marks) at which one more step is served by the events `near` = [(at, mark, steps), …], in order. -#}
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
                arrayMax(way -> bitCount(way), ways) > length(served.1),
                (arrayPushBack(served.1, e.1), arrayPushBack(served.2, e.2), ways),
                (served.1, served.2, ways)
            ),
            [arrayDistinct(arrayConcat(served.3, arrayFlatten(arrayMap(
                way -> arrayMap(
                    n -> bitOr(way, bitShiftLeft(toUInt64(1), n)),
                    arrayFilter(n -> bitTest(e.3, n) and not bitTest(way, n), range(toUInt64({{ count }})))
                ),
                served.3
            ))))]
        )[1],
        {{ near }},
        (emptyArrayInt64(), {{ no_marks }}, [toUInt64(0)])
    )]
)[1]
    {%- endset -%}
    {{- return(fold) -}}
{%- endmacro -%}
