{#-
    Calendar periods of a time zone. From a day up a period is the Date of its first local day, so a clock change
    cannot shift it; hours and minutes are physical and start at a DateTime of the zone.
-#}

{%- macro calendar_periods() -%}
    {{- return(['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']) -}}
{%- endmacro -%}


{%- macro check_period(macro, argument, value) -%}
    {{- return(check_choice(macro, argument, value, calendar_periods())) -}}
{%- endmacro -%}


{#- The period that holds an instant. -#}
{%- macro period_start(call, instant, period) -%}
    {%- set zone = string_literal(call.timezone) -%}
    {%- set local_date = 'toDate(' ~ instant ~ ', ' ~ zone ~ ')' -%}
    {%- set local_time = 'toDateTime(' ~ instant ~ ', ' ~ zone ~ ')' -%}
    {%- if period == 'minute' -%}
        {{- return('toStartOfMinute(' ~ local_time ~ ')') -}}
    {%- elif period == 'hour' -%}
        {#- toStartOfHour is wrong for the rest of a day whose clock changed by half an hour. -#}
        {{- return(local_time ~ ' - toIntervalSecond(60 * toMinute(' ~ local_time ~ ') + toSecond(' ~ local_time ~ '))') -}}
    {%- endif -%}
    {{- return(period_of_date(call, local_date, period)) -}}
{%- endmacro -%}


{#- The period (day or longer) that holds a local date. -#}
{%- macro period_of_date(call, local_date, period) -%}
    {%- set starts = {
        'day': local_date,
        'week': 'toStartOfWeek(' ~ local_date ~ ', ' ~ (1 if call.week_start == 'monday' else 0) ~ ')',
        'month': 'toStartOfMonth(' ~ local_date ~ ')',
        'quarter': 'toStartOfQuarter(' ~ local_date ~ ')',
        'year': 'toStartOfYear(' ~ local_date ~ ')',
    } -%}
    {{- return(starts[period]) -}}
{%- endmacro -%}


{#- The start of the period `count` (an SQL integer, may be negative) after the one that starts at `start`. -#}
{%- macro add_periods(start, count, period) -%}
    {{- return(start ~ ' + toInterval' ~ period | capitalize ~ '(' ~ count ~ ')') -}}
{%- endmacro -%}


{#- How many periods lie between two period starts. -#}
{%- macro periods_between(earlier, later, period) -%}
    {%- set seconds = {'minute': 60, 'hour': 3600} -%}
    {%- if period in seconds -%}
        {#- Local hours are not all there or once only, seconds are. -#}
        {{- return('intDiv(toInt64(toUnixTimestamp(' ~ later ~ ')) - toInt64(toUnixTimestamp(' ~ earlier ~ ')), '
            ~ seconds[period] ~ ')') -}}
    {%- elif period == 'day' -%}
        {{- return('(' ~ later ~ ' - ' ~ earlier ~ ')') -}}
    {%- elif period == 'week' -%}
        {{- return('intDiv(' ~ later ~ ' - ' ~ earlier ~ ', 7)') -}}
    {%- endif -%}
    {{- return("dateDiff('" ~ period ~ "', " ~ earlier ~ ', ' ~ later ~ ')') -}}
{%- endmacro -%}
