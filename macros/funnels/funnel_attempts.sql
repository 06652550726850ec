{#-
    The CTEs that judge the walks and choose those that count. Leaves `counted`: one row per counted path with
    project_id, actor, session_id (if counted), breakdown, period_start (for a trend), level, times, marks.
-#}
{%- macro funnel_attempts(funnel, period) -%}
    {%- set call, never = funnel.call, funnel.never -%}
    {%- set units = ['project_id', 'actor'] + (['session_id'] if funnel['count'] == 'sessions' else []) + ['breakdown'] -%}
    {%- set keys = units + (['period_start'] if period else []) -%}
judged{{ funnel.tag }} as (
    select
        {{ units | join(',\n        ') }},
        arrayMap(w -> ({{ judged_walk(funnel) }}), found) as judged
    from walks{{ funnel.tag }}
),

attempts{{ funnel.tag }} as (
    select
        {{ units | join(',\n        ') }},
        {#- level, times, marks, whether an exclusion made it void #}
        arrayMap(j -> ({{ level_of(funnel, 'j.1') }}, j.1, j.2, j.3), judged) as found
    from judged{{ funnel.tag }}
),

united{{ funnel.tag }} as (
    select
        {{ units | join(',\n        ') }},
        {%- if funnel.held %}
        arraySort(a -> (a.2[1], a.3[1]), arrayFlatten(groupArray(found))) as attempts
        {%- elif funnel.has_ids and not funnel.disjoint %}
        arraySort(a -> (a.2[1], a.3[1]), found) as attempts
        {%- else %}
        found as attempts
        {%- endif %}
    from attempts{{ funnel.tag }}
    where notEmpty(found){{ " and session_id != ''" if funnel['count'] == 'sessions' }}
    {%- if funnel.held %}
    group by
        {{ units | join(',\n        ') }}
    {%- endif %}
),
    {% if period %}
{#- Each period is the funnel of the attempts that start in it. #}
by_period{{ funnel.tag }} as (
    select
        * except periods replace (
            arrayFilter((a, p) -> p = period_start, attempts, periods) as attempts
        ),
        arrayJoin(arrayDistinct(periods)) as period_start
    from (
        select
            *,
            arrayMap(a -> {{ period_start(call, 'fromUnixTimestamp64Milli(a.2[1])', period) }}, attempts) as periods
        from united{{ funnel.tag }}
    )
),
    {% endif %}
counted{{ funnel.tag }} as (
    select
        {{ keys | join(',\n        ') }},
        path.1 as level,
        path.2 as times,
        path.3 as marks
    from (
        select
            {{ keys | join(',\n            ') }},
            {{ counted_paths(funnel) }} as path
        from {{ 'by_period' if period else 'united' }}{{ funnel.tag }}
    )
)
{%- endmacro -%}


{#- A walk after its exclusions: times, marks, whether it is void. -#}
{%- macro judged_walk(funnel) -%}
    {%- set cuts = [] -%}
    {%- for one in funnel.exclusions -%}
        {%- set seen = 'w.3[' ~ loop.index ~ ']' -%}
        {%- set reached = 'w.1[' ~ one.to_step ~ ']' -%}
        {%- do cuts.append('if(' ~ seen ~ ' < ' ~ reached ~ ' and ' ~ seen ~ ' <= w.1[1] + ' ~ funnel.window
            ~ ', ' ~ seen ~ ', ' ~ funnel.never ~ ')') -%}
    {%- endfor -%}
    {%- set cut = 'least(' ~ cuts | join(', ') ~ ')' if cuts | length > 1 else cuts | first -%}
    {%- if not cuts -%}
        {{- return('w.1, w.2, 0') -}}
    {%- elif funnel.stops -%}
        {{- return('arrayMap(t -> if(t < ' ~ cut ~ ', t, ' ~ funnel.never ~ '), w.1), w.2, 0') -}}
    {%- endif -%}
    {{- return('w.1, w.2, ' ~ cut ~ ' != ' ~ funnel.never) -}}
{%- endmacro -%}


{#- How many required steps are reached. -#}
{%- macro level_of(funnel, times) -%}
    {%- if not funnel.optional -%}
        {{- return('arrayCount(t -> t != ' ~ funnel.never ~ ', ' ~ times ~ ')') -}}
    {%- endif -%}
    {%- set reached = [] -%}
    {%- for number in funnel.required -%}
        {%- do reached.append('(' ~ times ~ '[' ~ number ~ '] != ' ~ funnel.never ~ ')') -%}
    {%- endfor -%}
    {{- return('toUInt32(' ~ reached | join(' + ') ~ ')') -}}
{%- endmacro -%}


{#- The attempts that count: the best, the first, or one after another; a row each. -#}
{%- macro counted_paths(funnel) -%}
    {%- if funnel.entry == 'first' -%}
        {{- return('arrayJoin(arrayFilter(a -> not a.4, [attempts[1]]))') -}}
    {%- elif funnel['count'] == 'totals' -%}
        {%- set full = funnel.required | length -%}
        {#- Blocked until: the last event of a conversion, else the end of the window; a void attempt blocks nothing. -#}
        {%- set until = 'if(a.1 = ' ~ full ~ ', ' ~ last_time(funnel) ~ ', a.2[1] + ' ~ funnel.window ~ ')' -%}
        {{- return(
            'arrayJoin(arrayFold((taken, a) -> if(a.4 or a.2[1] <= taken.1, taken, (' ~ until
            ~ ', arrayPushBack(taken.2, a))), attempts, (toInt64(-9e18), arrayResize(attempts, 0))).2)'
        ) -}}
    {%- endif -%}
    {#- Attempts come in the order of their starts, so the first of the highest level is the one to report. -#}
    {%- set levels = 'arrayMap(a -> if(a.4, 0, a.1), attempts)' -%}
    {{- return(
        'arrayJoin(arrayFilter(a -> a.1 != 0 and not a.4, [attempts[indexOf(' ~ levels ~ ', arrayMax(' ~ levels ~ '))]]))'
    ) -}}
{%- endmacro -%}


{%- macro last_time(funnel) -%}
    {{- return('a.2[' ~ funnel.steps | length ~ ']') -}}
{%- endmacro -%}
