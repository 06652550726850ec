{#- The arguments of `retention` with their defaults, those of the dialect where one is named. -#}
{%- macro retention_arguments(dialect, given) -%}
    {%- set defaults = {
        'periods': 8, 'cohort': 'first_time', 'kind': 'on', 'measure': 'calendar', 'min_occurrences': 1
    } -%}
    {%- if dialect is not none -%}
        {%- do check_choice('retention', 'dialect', dialect, retention_dialects() | list) -%}
        {%- do defaults.update(retention_dialects()[dialect]) -%}
    {%- endif -%}
    {%- for argument, value in given.items() if value is not none -%}
        {%- do defaults.update({argument: value}) -%}
    {%- endfor -%}
    {%- do check_integer('retention', 'periods', defaults.periods, most=1000) -%}
    {%- do check_choice('retention', 'cohort', defaults.cohort, ['first_time', 'first_ever', 'recurring']) -%}
    {%- do check_choice('retention', 'kind', defaults.kind, ['on', 'on_or_after', 'on_or_before', 'streak']) -%}
    {%- do check_choice('retention', 'measure', defaults.measure, ['calendar', 'rolling']) -%}
    {%- do check_integer('retention', 'min_occurrences', defaults.min_occurrences) -%}
    {{- return(defaults) -}}
{%- endmacro -%}


{#- Whether a cohort are those whose first match lies in its period, and who comes back in a calendar period is retained in it. -#}
{%- macro is_plain_retention(call) -%}
    {{- return(
        call.cohort == 'first_time' and call.kind == 'on' and call.measure == 'calendar' and call.min_occurrences == 1
        and call.brackets is none
    ) -}}
{%- endmacro -%}


{%- macro check_brackets(macro, argument, brackets) -%}
    {%- set allowed = 'a list of [first, last] periods with 1 <= first <= last <= 1000000, such as [[1, 3], [4, 7]]' -%}
    {%- if brackets is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- if not is_list(brackets) or not brackets -%}
        {%- do argument_error(macro, argument, brackets, allowed) -%}
    {%- endif -%}
    {%- for bracket in brackets -%}
        {%- if not is_list(bracket) or bracket | length != 2
            or bracket | reject('integer') | list or bracket | select('boolean') | list
            or not 1 <= bracket[0] <= bracket[1] <= 1000000 -%}
            {%- do argument_error(macro, argument, brackets, allowed) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(brackets) -}}
{%- endmacro -%}


{#- What each tool does where nothing else is asked for; docs/dialects.md has the rules and their sources. -#}
{%- macro retention_dialects() -%}
    {{- return({
        'mixpanel': {'cohort': 'recurring', 'kind': 'on_or_after', 'measure': 'rolling'},
        'amplitude': {'cohort': 'recurring', 'kind': 'on', 'measure': 'rolling'},
        'posthog': {'cohort': 'recurring', 'kind': 'on', 'measure': 'calendar'},
    }) -}}
{%- endmacro -%}
