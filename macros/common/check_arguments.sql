{#- Each returns the value it checked, so that a call reads `set x = check_…(…)`. -#}

{%- macro is_list(value) -%}
    {{- return(value is iterable and value is not string and value is not mapping) -}}
{%- endmacro -%}


{%- macro check_choice(macro, argument, value, choices) -%}
    {%- if value is not string or value not in choices -%}
        {%- do argument_error(macro, argument, value, 'one of ' ~ choices | join(', ')) -%}
    {%- endif -%}
    {{- return(value) -}}
{%- endmacro -%}


{%- macro check_flag(macro, argument, value) -%}
    {%- if value is not boolean -%}
        {%- do argument_error(macro, argument, value, 'true or false') -%}
    {%- endif -%}
    {{- return(value) -}}
{%- endmacro -%}


{%- macro check_integer(macro, argument, value, least=1, most=none) -%}
    {%- set range_text = 'a whole number from ' ~ least ~ (' up' if most is none else ' to ' ~ most) -%}
    {%- if value is boolean or value is not integer or value < least or (most is not none and value > most) -%}
        {%- do argument_error(macro, argument, value, range_text) -%}
    {%- endif -%}
    {{- return(value) -}}
{%- endmacro -%}


{%- macro check_text(macro, argument, value, allowed='a non-empty text') -%}
    {%- if value is not string or not value.strip() -%}
        {%- do argument_error(macro, argument, value, allowed) -%}
    {%- endif -%}
    {{- return(value) -}}
{%- endmacro -%}


{#- One text or a list of texts, as a list. -#}
{%- macro check_texts(macro, argument, value, allowed='a text or a non-empty list of texts') -%}
    {%- set values = value if is_list(value) else [value] -%}
    {%- if not values -%}
        {%- do argument_error(macro, argument, value, allowed) -%}
    {%- endif -%}
    {%- for one in values -%}
        {%- do check_text(macro, argument, one, allowed) -%}
    {%- endfor -%}
    {{- return(values | list) -}}
{%- endmacro -%}


{#- '7 days' as milliseconds. A month has no fixed length, so it is no duration. -#}
{%- macro check_duration(macro, argument, value) -%}
    {%- set allowed = "a positive whole number and one of second(s), minute(s), hour(s), day(s), week(s), such as '7 days'" -%}
    {%- set units = {'second': 1000, 'minute': 60000, 'hour': 3600000, 'day': 86400000, 'week': 604800000} -%}
    {%- set parts = modules.re.fullmatch('\\s*([0-9]{1,9})\\s+(second|minute|hour|day|week)s?\\s*', value ~ '') -%}
    {%- if value is not string or parts is none or parts.group(1) | int == 0 -%}
        {%- do argument_error(macro, argument, value, allowed) -%}
    {%- endif -%}
    {{- return(parts.group(1) | int * units[parts.group(2)]) -}}
{%- endmacro -%}
