{#-
    The same walks as `walks_of_records`, by a fold over the events from each start. It is for the actors whose events
    of one time compete for the same steps, where the earliest event is not always the one to take, and for several
    optional steps in a row. It costs starts × events, which those few actors bear.

    `deeds` are the actor's events as (at, event_id, steps, excluded), in order.
-#}
{%- macro funnel_fold(funnel) -%}
    {%- set seen = [] -%}
    {%- for one in funnel.exclusions -%}
        {%- do seen.append(
            'arrayMin(arrayPushBack(arrayMap(e -> e.1, arrayFilter(e -> bitTest(e.4, ' ~ loop.index0 ~ ') and e.1 > w.1['
            ~ one.from_step ~ '], deeds)), ' ~ funnel.never ~ '))'
        ) -%}
    {%- endfor -%}
    {%- set ended = ' and e.1 < toUnixTimestamp64Milli(' ~ funnel.call.end ~ ')' if funnel.call.end is not none else '' -%}
    arrayMap(
        w -> (w.1, w.2, {{ '[' ~ seen | join(', ') ~ ']' if seen else 'emptyArrayInt64()' }}),
        arrayMap(
            x -> {{ folded_walk(funnel) }},
            arrayFilter(e -> bitTest(e.3, 0){{ ended }}, deeds)
        )
    )
{%- endmacro -%}


{#- Times and marks of all steps for the walk that starts with event x. -#}
{%- macro folded_walk(funnel) -%}
    {%- set count, never = funnel.steps | length, funnel.never -%}
    {%- set chain = folded_chain(funnel) -%}
    {%- if not funnel.optional -%}
        {{- return('arrayMap(c -> (arrayResize(c.2, ' ~ count ~ ', ' ~ never ~ '), arrayResize(c.3, ' ~ count
            ~ ", '')), [" ~ chain ~ '])[1]') -}}
    {%- endif -%}
    {%- set required = '[' ~ funnel.required | join(', ') ~ ']' -%}
    {%- set above, below = ('>', '<') if funnel.ties == 'strict' else ('>=', '<=') -%}
    {%- set spread -%}
arrayMap(
    c -> (
        arrayMap(
            n -> if(has({{ required }}, n) and indexOf({{ required }}, n) <= length(c.2), c.2[indexOf({{ required }}, n)], {{ never }}),
            range(1, {{ count + 1 }})
        ),
        arrayMap(n -> if(has({{ required }}, n), c.3[indexOf({{ required }}, n)], ''), range(1, {{ count + 1 }}))
    ),
    [{{ chain }}]
)[1]
    {%- endset -%}
    {%- set filled -%}
arrayFold(
    (w, option) -> arrayMap(
        found -> if(
            found.3 = 0, w,
            (
                arrayMap((t, n) -> if(n = option, found.1, t), w.1, arrayEnumerate(w.1)),
                arrayMap((m, n) -> if(n = option, found.2, m), w.2, arrayEnumerate(w.2))
            )
        ),
        [arrayFirst(
            e -> bitTest(e.3, option - 1)
                and w.1[arrayMax(arrayFilter(n -> n < option, {{ required }}))] != {{ never }}
                and e.1 {{ above }} arrayMax(arrayFilter(t -> t != {{ never }}, arraySlice(w.1, 1, option - 1)))
                and e.1 {{ below }} arrayMin(arraySlice(w.1, option + 1))
                and e.1 <= x.1 + {{ funnel.window }}
                and not has(arrayZip(w.1, w.2), (e.1, e.2)),
            deeds
        )]
    )[1],
    [{{ funnel.optional | join(', ') }}],
    {{ spread }}
)
    {%- endset -%}
    {{- return(filled) -}}
{%- endmacro -%}


{#-
    The required steps of the walk from event x: (now, times, ids, states).

    `states` are the ways in which events of the time `now` can serve further steps: (bits of the steps served, their
    events); of the ways to serve the same steps the one with the smallest ids. When time moves on, the way that serves
    the most next steps without a gap is taken.
-#}
{%- macro folded_chain(funnel) -%}
    {%- set places = [] -%}
    {%- for number in funnel.required -%}
        {%- do places.append(number - 1) -%}
    {%- endfor -%}
    {%- set none_served = "[(toUInt64(0), CAST([], 'Array(Tuple(UInt64, String))'))]" -%}
    {%- set one_each = ' and way.1 = 0' if funnel.ties == 'strict' else '' -%}
    {%- set chain -%}
arrayFold(
    (walk, e) -> arrayMap(
        here -> (
            here.1, here.2, here.3,
            arrayMap(
                ways -> arrayFilter(
                    (way, before) -> way.1 != before.1, ways, arrayPushFront(arrayPopBack(ways), (bitNot(toUInt64(0)), ways[1].2))
                ),
                [arraySort(arrayConcat(here.4, arrayFlatten(arrayMap(
                    way -> arrayMap(
                        n -> (
                            bitOr(way.1, bitShiftLeft(toUInt64(1), n)), arraySort(arrayPushBack(way.2, (n, e.2)))
                        ),
                        arrayFilter(
                            n -> n >= length(here.2)
                                and bitTest(e.3, {{ places }}[n + 1]) and not bitTest(way.1, n){{ one_each }},
                            range(toUInt64({{ places | length }}))
                        )
                    ),
                    here.4
                ))))]
            )[1]
        ),
        [if(
            e.1 = walk.1, walk,
            arrayMap(
                best -> (
                    e.1,
                    arrayConcat(walk.2, arrayWithConstant(length(best.2), walk.1)),
                    arrayConcat(walk.3, arrayMap(served -> served.2, best.2)),
                    {{ none_served }}
                ),
                [arrayLast(
                    way -> way.1 = bitShiftLeft(toUInt64(1), length(walk.2) + bitCount(way.1))
                        - bitShiftLeft(toUInt64(1), length(walk.2)),
                    arraySort(way -> bitCount(way.1), walk.4)
                )]
            )[1]
        )]
    )[1],
    arrayPushBack(
        arrayFilter(
            e -> e.1 {{ '>' if funnel.ties == 'strict' else '>=' }} x.1 and e.1 <= x.1 + {{ funnel.window }}
                and (e.1, e.2) != (x.1, x.2),
            deeds
        ),
        ({{ funnel.never }}, '', toUInt64(0), toUInt64(0))
    ),
    (x.1, [x.1], [x.2], {{ none_served }})
)
    {%- endset -%}
    {{- return(chain) -}}
{%- endmacro -%}


{#- Whether the data can need the fold at all. -#}
{%- macro funnel_may_tie(funnel) -%}
    {{- return(funnel.order == 'ordered' and ((funnel.ties == 'any' and not funnel.disjoint) or has_option_rows(funnel))) -}}
{%- endmacro -%}


{%- macro has_option_rows(funnel) -%}
    {%- for option in funnel.optional if option + 1 in funnel.optional -%}
        {{- return(true) -}}
    {%- endfor -%}
    {{- return(false) -}}
{%- endmacro -%}


{#- Whether two events of one time lie side by side of which one could serve several steps. -#}
{%- macro has_hard_ties(funnel) -%}
    {%- if has_option_rows(funnel) -%}
        {{- return('1') -}}
    {%- endif -%}
    {{- return(
        'arrayExists((t, s, next_t, next_s) -> t = next_t and s != 0 and next_s != 0 '
        ~ 'and (bitCount(s) > 1 or bitCount(next_s) > 1), at, steps, arrayShiftLeft(at, 1, ' ~ funnel.never
        ~ '), arrayShiftLeft(steps, 1, toUInt64(0)))'
    ) -}}
{%- endmacro -%}


{%- macro deeds_of(funnel) -%}
    {%- set fields = funnel_fields(funnel) -%}
    {{- return('arraySort(arrayMap(e -> (e.' ~ field_number(fields, 'at') ~ ', e.' ~ field_number(fields, 'event_id') ~ ', e.'
        ~ field_number(fields, 'steps') ~ ', '
        ~ ('e.' ~ field_number(fields, 'excluded') if funnel.exclusions else 'toUInt64(0)') ~ '), events))') -}}
{%- endmacro -%}
