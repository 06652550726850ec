{#- From a member's active periods to the offsets, from 1, at which it is retained; each once. Internal to `retention`. -#}
{%- macro retained_offsets(call, offsets) -%}
    {%- set hits = active_offsets(call) -%}
    {%- set reached = 'range(1, least(arrayMax(active_periods), ' ~ (offsets - 1) ~ ') + 1)' -%}
    {%- if call.brackets is not none -%}
        {#- They may be in any order. -#}
        {%- set reached = 'arrayFilter((nth, first) -> first <= arrayMax(active_periods), arrayEnumerate('
            ~ first_periods(call) ~ '), ' ~ first_periods(call) ~ ')' -%}
    {%- endif -%}
    {%- set in_a_row = 'arrayFirstIndex((hit, next) -> next != hit + 1, arraySort(arrayPushFront(' ~ hits ~ ', 0)) as run, '
        ~ 'arrayShiftLeft(run, 1))' -%}
    {{- return({
        'on': hits,
        'on_or_after': reached,
        'on_or_before': 'if(empty(' ~ hits ~ '), [], range(toInt64(arrayMin(' ~ hits ~ ')), ' ~ offsets ~ '))',
        'streak': 'range(1, ' ~ in_a_row ~ ')',
    }[call.kind]) -}}
{%- endmacro -%}


{#- The offsets, from 1, that a member was active in: the periods themselves, or the brackets that hold one. -#}
{%- macro active_offsets(call) -%}
    {%- if call.brackets is none -%}
        {{- return('active_periods') -}}
    {%- endif -%}
    {%- set brackets = [] -%}
    {%- for first, last in call.brackets -%}
        {%- do brackets.append('(' ~ loop.index ~ ', ' ~ first ~ ', ' ~ last ~ ')') -%}
    {%- endfor -%}
    {{- return(
        'arrayMap(bracket -> bracket.1, arrayFilter(bracket -> arrayExists('
        ~ 'number -> number between bracket.2 and bracket.3, active_periods), [' ~ brackets | join(', ') ~ ']))'
    ) -}}
{%- endmacro -%}


{#- The first period of each bracket, as an array. -#}
{%- macro first_periods(call) -%}
    {{- return('[' ~ call.brackets | map('first') | join(', ') ~ ']') -}}
{%- endmacro -%}


{#- The last period that each offset stands for, as an array. -#}
{%- macro last_periods(call, offsets) -%}
    {%- if call.brackets is none -%}
        {{- return('range(' ~ offsets ~ ')') -}}
    {%- endif -%}
    {{- return('[0, ' ~ call.brackets | map('last') | join(', ') ~ ']') -}}
{%- endmacro -%}


{#-
    Had the offset's last period ended, for the last actor of the cohort, at the data's end? A calendar period has ended
    when the data's end lies in a later one.
-#}
{%- macro is_cohort_complete(call) -%}
    {%- if call.measure == 'calendar' -%}
        {#- Counted, as the end of the last of many periods may lie beyond the engine's dates. -#}
        {%- set passed = periods_between('cohort_start', period_start(call, 'data_end', call.period), call.period) -%}
        {{- return('toBool(ifNull(' ~ passed ~ ' > last_period, 0))') -}}
    {%- endif -%}
    {%- set length = rolling_milliseconds(call.period) -%}
    {%- set waited = 'data_end - toIntervalMillisecond((last_period + 1) * ' ~ length ~ ')' -%}
    {%- set period_waited = period_start(call, 'greatest(' ~ waited ~ ", toDateTime64('1970-01-02', 3, 'UTC'))", call.period) -%}
    {#- A cohort of nobody is as late as its last possible actor. -#}
    {{- return(
        'toBool(ifNull(if(cohort_size = 0, ' ~ period_waited ~ ' > cohort_start, '
        ~ 'last_started_at <= ' ~ waited ~ '), 0))'
    ) -}}
{%- endmacro -%}


{#- A rolling month has 30 days: it is counted from the actor's own event, where no calendar has a say. -#}
{%- macro rolling_milliseconds(period) -%}
    {%- set days = {'day': 1, 'week': 7, 'month': 30, 'quarter': 90, 'year': 365} -%}
    {{- return({'minute': 60000, 'hour': 3600000}.get(period) or days[period] * 86400000) -}}
{%- endmacro -%}
