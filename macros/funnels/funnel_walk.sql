{#-
    The CTEs that walk from every start through an ordered funnel, for all events of an actor at once.

    From the last step to the second, `from_<n>` holds for every position of the stream the record of the first event
    there or later that serves step n, and in it what follows: (at, mark, exclusions seen later, optional steps that lie
    between, record of the next required step). So a walk costs one pass per step, however many starts there are.
    With order='strict' the record is that of the very next event or none.

    Leaves `walks`: (times, marks, seen) of every attempt, times by step (`never` where not reached), exclusions seen.
-#}
{%- macro funnel_walk(funnel) -%}
    {%- set fields = funnel_fields(funnel) -%}
    {%- set needs_times = funnel.exclusions or (funnel.order == 'ordered' and funnel.ties == 'strict') -%}
    {%- set last = namespace(cte='positions' ~ funnel.tag) -%}
positions{{ funnel.tag }} as (
    select
        * except events,
        {%- if funnel_may_tie(funnel) %}
        events,
        {%- endif %}
        events.{{ field_number(fields, 'at') }} as at,
        events.{{ field_number(fields, 'steps') }} as steps,
        {%- if funnel.exclusions %}
        events.{{ field_number(fields, 'excluded') }} as excluded,
        {%- endif %}
        {%- if funnel.has_ids %}
        events.{{ field_number(fields, 'event_id') }} as marks
        {%- else %}
        arrayEnumerate(at) as marks
        {%- endif %}
        {%- if needs_times %},
        arrayMap((now, next) -> now != next, at, arrayShiftLeft(at, 1, {{ funnel.never }})) as is_last_of_time
        {%- endif %}
    from streams{{ funnel.tag }}
    {%- if funnel.held %}
    where not has(held, '')
    {%- endif %}
),
    {% for one in funnel.exclusions %}
{#- The first excluded event that lies later in time than a position. #}
seen_{{ loop.index }}{{ funnel.tag }} as (
    select
        *,
        {{ later_in_time(
            'arrayReverseFill(t -> t != ' ~ funnel.never ~ ', arrayMap((t, x) -> if(bitTest(x, ' ~ loop.index0 ~ '), t, '
            ~ funnel.never ~ '), at, excluded))', funnel.never
        ) }} as seen_from_{{ loop.index }}
    from {{ last.cte }}
),
        {% set last.cte = 'seen_' ~ loop.index ~ funnel.tag -%}
    {%- endfor -%}
    {%- for number in range(funnel.steps | length, 1, -1) %}
{{ walk_step(funnel, number, last.cte) }}
        {% set last.cte = 'step_' ~ number ~ funnel.tag -%}
    {%- endfor %}
starts{{ funnel.tag }} as (
    select
        *,
        {%- if funnel_may_tie(funnel) %}
        {{ has_hard_ties(funnel) }} as is_hard,
        if(is_hard, {{ deeds_of(funnel) }}, []) as deeds,
        {%- endif %}
        {{ walk_records(funnel, 1) }} as from_1
    from {{ last.cte }}
),

walks{{ funnel.tag }} as (
    select
        * except from_1,
        {%- if funnel_may_tie(funnel) %}
        if(is_hard, {{ funnel_fold(funnel) }}, {{ walks_of_records(funnel) }}) as found
        {%- else %}
        {{ walks_of_records(funnel) }} as found
        {%- endif %}
    from starts{{ funnel.tag }}
),
{% endmacro -%}


{%- macro walk_step(funnel, number, source) -%}
    {%- set none_here = none_record(funnel, number) -%}
    {%- set found = walk_records(funnel, number) -%}
    {%- if funnel.order != 'strict' -%}
        {%- set found = 'arrayReverseFill(x -> x.1 != ' ~ funnel.never ~ ', ' ~ found ~ ')' -%}
    {%- endif -%}
    {%- if funnel.order == 'ordered' and funnel.ties == 'strict' -%}
        {%- set next = later_in_time(found, none_here) -%}
    {%- else -%}
        {%- set next = 'arrayShiftLeft(' ~ found ~ ', 1, ' ~ none_here ~ ')' -%}
    {%- endif -%}
step_{{ number }}{{ funnel.tag }} as (
    select
        *,
        {#- What serves step {{ number }} for a walk that stands at a position. #}
        {{ next }} as next_{{ number }}
    from {{ source }}
),
{%- endmacro -%}


{#- For each position the record of a step that it serves, else none. -#}
{%- macro walk_records(funnel, number) -%}
    {%- set names, arrays, record = ['t', 's', 'm'], ['at', 'steps', 'marks'], ['t', 'm'] -%}
    {%- for one in funnel.exclusions if one.from_step == number -%}
        {%- set name = 'x' ~ loop.index -%}
        {%- do names.append(name) -%}
        {%- do arrays.append('seen_from_' ~ (funnel.exclusions.index(one) + 1)) -%}
        {%- do record.append(name) -%}
    {%- endfor -%}
    {%- set options, following = optional_after(funnel, number), required_after(funnel, number) -%}
    {%- if following is not none and (number in funnel.required or funnel.order == 'strict') -%}
        {%- for option in options + [following] -%}
            {%- do names.append('n' ~ option) -%}
            {%- do arrays.append('next_' ~ option) -%}
        {%- endfor -%}
        {%- do record.extend(followers(funnel, options, following)) -%}
    {%- endif -%}
    {%- set condition = 'bitTest(s, ' ~ (number - 1) ~ ')' -%}
    {%- if number == 1 and funnel.call.end is not none -%}
        {%- set condition = condition ~ ' and t < toUnixTimestamp64Milli(' ~ funnel.call.end ~ ')' -%}
    {%- endif -%}
    {{- return('arrayMap((' ~ names | join(', ') ~ ') -> if(' ~ condition ~ ', (' ~ record | join(', ') ~ '), '
        ~ none_record(funnel, number) ~ '), ' ~ arrays | join(', ') ~ ')') -}}
{%- endmacro -%}


{#- What follows a served step: its optional steps, and the next required one. -#}
{%- macro followers(funnel, options, following) -%}
    {%- set found = [] -%}
    {%- if funnel.order != 'strict' -%}
        {#- The required step comes first; an optional one lies between and is another event. -#}
        {%- set before = '<' if funnel.ties == 'strict' else '<=' -%}
        {%- for option in options -%}
            {%- do found.append('if(n' ~ option ~ '.1 ' ~ before ~ ' n' ~ following ~ '.1 and n' ~ option ~ '.2 != n'
                ~ following ~ '.2, n' ~ option ~ ', ' ~ none_record(funnel, option) ~ ')') -%}
        {%- endfor -%}
        {{- return(found + ['n' ~ following]) -}}
    {%- endif -%}
    {#- The next event serves the required step, else the first optional one that it matches, else none. -#}
    {%- set reached = 'n' ~ following ~ '.1 != ' ~ funnel.never -%}
    {%- for option in options -%}
        {%- set cases = [reached, none_leaf(funnel, option)] -%}
        {%- for other in options[:loop.index] -%}
            {%- do cases.append('n' ~ other ~ '.1 != ' ~ funnel.never) -%}
            {%- if other == option -%}
                {%- do cases.append(leaf_of(funnel, option, 'n' ~ option)) -%}
            {%- else -%}
                {%- set place = 2 + exclusions_from(funnel, other) | length + optional_after(funnel, other).index(option) + 1 -%}
                {%- do cases.append('n' ~ other ~ '.' ~ place) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do found.append('multiIf(' ~ cases | join(', ') ~ ', ' ~ none_leaf(funnel, option) ~ ')') -%}
    {%- endfor -%}
    {%- set cases = [reached, 'n' ~ following] -%}
    {%- for option in options -%}
        {%- do cases.append('n' ~ option ~ '.1 != ' ~ funnel.never) -%}
        {%- do cases.append('n' ~ option ~ '.' ~ record_length(funnel, option)) -%}
    {%- endfor -%}
    {%- do found.append('multiIf(' ~ cases | join(', ') ~ ', ' ~ none_record(funnel, following) ~ ')'
        if options else 'n' ~ following) -%}
    {{- return(found) -}}
{%- endmacro -%}


{#- The walks of all starts: times and marks by step, exclusions seen after the steps they begin at. -#}
{%- macro walks_of_records(funnel) -%}
    {%- set places = {1: 'x'} -%}
    {%- for number in funnel.required -%}
        {%- set at = 2 + exclusions_from(funnel, number) | length -%}
        {%- for option in optional_after(funnel, number) -%}
            {%- do places.update({option: places[number] ~ '.' ~ (at + loop.index)}) -%}
        {%- endfor -%}
        {%- if required_after(funnel, number) is not none -%}
            {%- do places.update({required_after(funnel, number): places[number] ~ '.' ~ record_length(funnel, number)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set times, marks, seen = [], [], [] -%}
    {%- for number in range(1, funnel.steps | length + 1) -%}
        {%- do times.append(places[number] ~ '.1') -%}
        {%- do marks.append(places[number] ~ '.2') -%}
    {%- endfor -%}
    {%- for one in funnel.exclusions -%}
        {%- set place = exclusions_from(funnel, one.from_step).index(loop.index0) -%}
        {%- do seen.append(places[one.from_step] ~ '.' ~ (3 + place)) -%}
    {%- endfor -%}
    {%- set seen = '[' ~ seen | join(', ') ~ ']' if seen else 'emptyArrayInt64()' -%}
    {{- return(
        'arrayMap(x -> (arrayMap(t -> if(t <= x.1 + ' ~ funnel.window ~ ', t, ' ~ funnel.never ~ '), ['
        ~ times | join(', ') ~ ']), [' ~ marks | join(', ') ~ '], ' ~ seen
        ~ '), arrayFilter(x -> x.1 != ' ~ funnel.never ~ ', from_1))'
    ) -}}
{%- endmacro -%}


{%- macro later_in_time(array, default) -%}
    {{- return('arrayReverseFill((x, is_last) -> is_last, arrayShiftLeft(' ~ array ~ ', 1, ' ~ default
        ~ '), is_last_of_time)') -}}
{%- endmacro -%}
