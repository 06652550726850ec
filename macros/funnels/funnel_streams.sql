{#-
    The first CTEs of a funnel. `matched`: the events that can matter, with the steps and exclusions they meet as bits.
    `streams`: each actor's events as one sorted array; a held property, a session or a bound value divides an actor into
    several streams. `breakdown` is there already.
-#}
{%- macro funnel_streams(funnel, sizes, is_plain=false) -%}
    {%- set call = funnel.call -%}
    {%- set columns = {
        'at': 'toUnixTimestamp64Milli(occurred_at)', 'steps': condition_bits(funnel.steps),
    } -%}
    {%- if funnel.exclusions -%}
        {%- do columns.update({'excluded': condition_bits(funnel.exclusions)}) -%}
    {%- endif -%}
    {%- set matches = [names_condition(funnel)] if names_condition(funnel) else [] -%}
    {%- if funnel.held and is_plain -%}
        {#- Compared within one actor only, so 64 bits of a hash are a value's number. -#}
        {%- do columns.update({'held': 'sipHash64(' ~ funnel.held | join(', ') ~ ')'}) -%}
        {%- for one in funnel.held -%}
            {%- do matches.append(one ~ " != ''") -%}
        {%- endfor -%}
        {#- Of starts at one time with several values the smallest id is the one to report. #}
        {%- set is_start = 'ifNull(' ~ funnel.steps[0].condition ~ ', 0)' -%}
        {%- set rivals = has_rivals(call, ([is_start] + matches) | join(' and '), after_end=funnel.window) -%}
        {%- do columns.update({'is_rival': is_start ~ ' and ' ~ rivals}) -%}
    {%- elif funnel.held -%}
        {%- do columns.update({'held': '[' ~ funnel.held | join(', ') ~ ']'}) -%}
    {%- endif -%}
    {%- if funnel['count'] == 'sessions' -%}
        {%- do columns.update({'session_id': 'toString(session_id)'}) -%}
    {%- endif -%}
    {%- if call.breakdown is not none -%}
        {%- do columns.update({'breakdown': call.breakdown}) -%}
    {%- endif -%}
    {%- set rows = event_rows(
        call, columns=columns, match=matches | join(' and ') or none, after_end=funnel.window, by_owner=true
    ) -%}
    {%- set is_grouped = funnel_groups_by_value(funnel) -%}
    {%- set units = [] -%}
    {%- do units.append('held') if funnel.held and not is_plain -%}
    {%- do units.append('session_id') if funnel['count'] == 'sessions' -%}
    {%- do units.append('breakdown') if is_grouped -%}
    {%- set keys = ['project_id', 'actor'] + units -%}
    {%- set fields = funnel_fields(funnel) -%}
    {%- set measures, collected = plain_measures(funnel) if is_plain else {}, [] -%}
    {%- if funnel.touch -%}
        {#- The event that decides the breakdown is the actor's, whatever divides its events into streams. -#}
        {%- set touch = 'min' if funnel.touch == 'first_touch' else 'max' -%}
        {%- do measures.update({'touch': [
            touch ~ 'If((at, event_id, breakdown), steps != 0 and breakdown != ' ~ call.missing_breakdown ~ ')',
            touch ~ "If(owned.touch, owned.touch.3 != '')",
        ]}) -%}
    {%- endif -%}
    {%- for field in fields if not is_plain -%}
        {#- Each array of its own is collected faster than one of tuples. -#}
        {%- set name = 'field_' ~ loop.index -%}
        {%- do collected.append(name) -%}
        {%- do measures.update(array_measures({name: 'groupArray(' ~ field ~ ')'})) -%}
    {%- endfor -%}
matched{{ funnel.tag }} as (
    select *
    from {% if sizes and funnel.bound %}{{ limit_breakdown(call, rows, sizes) }}{% else %}{{ rows }}{% endif %}
    {%- if funnel.order != 'strict' %}
    where steps != 0{{ ' or excluded != 0' if funnel.exclusions }}
    {%- endif %}
),
grouped{{ funnel.tag }} as (
    select
        {%- if is_plain %}
        * replace (arraySort(events) as events)
        {%- else %}
        * except ({{ collected | join(', ') }}),
        arraySort(arrayZip({{ collected | join(', ') }})) as events
        {%- endif %}
    from {{ actor_groups(call, 'matched' ~ funnel.tag, units, measures) }}
),

streams{{ funnel.tag }} as (
    {%- if funnel.touch and keys | length > 2 %}
    select
        * except decided,
        if(decided.3 = '', {{ call.missing_breakdown }}, decided.3) as breakdown
    from (
        select
            * except touch,
            {{ 'min' if funnel.touch == 'first_touch' else 'max' }}If(touch, touch.3 != '') over (
                partition by project_id, actor
            ) as decided
        from grouped{{ funnel.tag }}
    )
    {%- elif funnel.touch %}
    select
        * except touch,
        if(touch.3 = '', {{ call.missing_breakdown }}, touch.3) as breakdown
    from grouped{{ funnel.tag }}
    {%- elif funnel.bound and not is_grouped %}
    {#- One stream for each value that an actor's bound steps have: other values do not serve them. #}
    {%- set values = 'arrayDistinct(arrayMap(e -> e.' ~ field_number(fields, 'breakdown') ~ ', arrayFilter(e -> bitAnd(e.'
        ~ field_number(fields, 'steps') ~ ', ' ~ bits_of(funnel.bound) ~ ') != 0, events)))' %}
    {%- set own = ['project_id', 'actor'] + units | reject('equalto', 'held') | list %}
    select
        * except bound_values replace (
            arraySort(arrayMap(
                e -> ({{ rebound_fields(funnel, fields) }}), events
            )) as events
        )
    from (
        select
            *,
            arrayJoin(bound_values) as breakdown
        from (
            select
                *,
                {#- A start with other held values has its attempt in the funnel of each value, too. #}
                {{ 'groupUniqArrayArray(' ~ values ~ ') over (partition by ' ~ own | join(', ') ~ ')' if funnel.held else values }} as bound_values
            from grouped{{ funnel.tag }}
        )
    )
    {%- else %}
    select
        *{{ '' if is_grouped else ",\n        '' as breakdown" }}
    from grouped{{ funnel.tag }}
    {%- endif %}
),
{% endmacro -%}


{#- The tuple of an event within a stream, in the order in which events are sorted. -#}
{%- macro funnel_fields(funnel) -%}
    {%- set ids = ['event_id'] if funnel.has_ids or funnel.order == 'strict' else [] -%}
    {#- Events of one time may serve in either order: sorted by step they serve in the right one. -#}
    {%- set sort_by_step = funnel.order == 'ordered' and funnel.ties == 'any' -%}
    {%- set fields = ['at'] + (['steps'] + ids if sort_by_step else ids + ['steps']) -%}
    {%- do fields.append('excluded') if funnel.exclusions -%}
    {%- do fields.append('breakdown') if funnel.bound and not funnel_groups_by_value(funnel) -%}
    {{- return(fields) -}}
{%- endmacro -%}


{#- With all steps bound, a value's events are a stream of their own, unless others can still disturb it. -#}
{%- macro funnel_groups_by_value(funnel) -%}
    {{- return(funnel.bound | length == funnel.steps | length and funnel.bound_step is none
        and not funnel.exclusions and funnel.order != 'strict') -}}
{%- endmacro -%}


{%- macro field_number(fields, name) -%}
    {{- return(fields.index(name) + 1) -}}
{%- endmacro -%}


{%- macro rebound_fields(funnel, fields) -%}
    {%- set rebound = [] -%}
    {%- for field in fields -%}
        {%- if field == 'steps' -%}
            {%- do rebound.append('if(e.' ~ field_number(fields, 'breakdown') ~ ' = breakdown, e.' ~ loop.index
                ~ ', bitAnd(e.' ~ loop.index ~ ', bitNot(' ~ bits_of(funnel.bound) ~ ')))') -%}
        {%- else -%}
            {%- do rebound.append('e.' ~ loop.index) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(rebound | join(', ')) -}}
{%- endmacro -%}


{#- Which of the conditions an event meets, as bits. -#}
{%- macro condition_bits(conditions) -%}
    {%- set bits = [] -%}
    {%- for one in conditions -%}
        {%- do bits.append('if(' ~ one.condition ~ ', ' ~ 2 ** loop.index0 ~ ', 0)') -%}
    {%- endfor -%}
    {{- return('toUInt64(' ~ bits | join(' + ') ~ ')') -}}
{%- endmacro -%}


{%- macro bits_of(numbers) -%}
    {%- set sum = namespace(bits=0) -%}
    {%- for number in numbers -%}
        {%- set sum.bits = sum.bits + 2 ** (number - 1) -%}
    {%- endfor -%}
    {{- return('toUInt64(' ~ sum.bits ~ ')') -}}
{%- endmacro -%}


{#- A cheap condition that drops most other events, where the steps have names. -#}
{%- macro names_condition(funnel) -%}
    {%- set names = [] -%}
    {%- for one in funnel.steps + funnel.exclusions -%}
        {%- if one.names is none or funnel.order == 'strict' -%}
            {{- return(none) -}}
        {%- endif -%}
        {%- do names.extend(one.names) -%}
    {%- endfor -%}
    {{- return('event in (' ~ string_literals(names | unique(true)) ~ ')') -}}
{%- endmacro -%}

