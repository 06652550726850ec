{#-
    A date or timestamp read in a time zone, as a DateTime64(3) expression.

    A date is its first instant: midnight does not exist on some days, so it is taken from noon.
-#}
{%- macro check_timestamp(macro, argument, value, timezone) -%}
    {%- set allowed = "a date or timestamp of the years 1970 to 2105 such as '2026-01-31' or '2026-01-31 09:30:00'; "
        ~ 'it is read in `timezone`' -%}
    {%- set pattern = '(\\d{4})-(\\d\\d)-(\\d\\d)(?:[T ](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,6}))?)?)?' -%}
    {%- set parts = modules.re.fullmatch(pattern, (value ~ '').strip()) -%}
    {%- if parts is none -%}
        {%- do argument_error(macro, argument, value ~ '', allowed) -%}
    {%- endif -%}
    {%- set year, month, day = parts.group(1) | int, parts.group(2) | int, parts.group(3) | int -%}
    {%- set leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) -%}
    {%- set lengths = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {%- set hour, minute, second = parts.group(4) or '00', parts.group(5) or '00', parts.group(6) or '00' -%}
    {#- Dates of the engine begin in 1970, and its hours end in 2106; what lies beyond comes out within. -#}
    {%- if not 1970 <= year <= 2105 or not 1 <= month <= 12 or not 1 <= day <= lengths[(month - 1) % 12]
        or hour > '23' or minute > '59' or second > '59' -%}
        {%- do argument_error(macro, argument, value ~ '', allowed) -%}
    {%- endif -%}
    {%- set date = parts.group(1) ~ '-' ~ parts.group(2) ~ '-' ~ parts.group(3) -%}
    {%- set zone = string_literal(timezone) -%}
    {%- if parts.group(4) is none -%}
        {{- return("toDateTime64(toStartOfDay(toDateTime64('" ~ date ~ " 12:00:00', 3, " ~ zone ~ ')), 3)') -}}
    {%- endif -%}
    {%- set fraction = (((parts.group(7) or '') ~ '000')[:3]) -%}
    {{- return("toDateTime64('" ~ date ~ ' ' ~ hour ~ ':' ~ minute ~ ':' ~ second ~ '.' ~ fraction ~ "', 3, " ~ zone ~ ')') -}}
{%- endmacro -%}


{#- Whether the first of two texts that `check_timestamp` took is the later one. -#}
{%- macro is_later(first, second) -%}
    {%- set times = [] -%}
    {%- for value in [first, second] -%}
        {%- set text = (value ~ '').strip() | replace('T', ' ') -%}
        {%- do times.append(text ~ ' 00:00:00.000000'[text | length - 10:]) -%}
    {%- endfor -%}
    {{- return(times[0] > times[1]) -}}
{%- endmacro -%}
