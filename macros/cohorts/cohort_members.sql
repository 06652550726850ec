{#-
    The actors that meet a definition, and since when, as a bracketed subquery: project_id, actor, entered_at. A
    definition is {'all': […]}, {'any': […]}, {'not': definition}, or a step with how often and how recently.
-#}
{%- macro cohort_members(call, argument, definition) -%}
    {%- set allowed = "a step, also with 'at_least', 'at_most' (times) and 'within' (such as '30 days'), or one of "
        ~ "{'all': [definitions]}, {'any': [definitions]}, {'not': definition}" -%}
    {%- if definition is mapping and definition | length == 1 and definition.keys() | first in ['all', 'any'] -%}
        {%- set how, parts = definition.items() | first -%}
        {%- if not is_list(parts) or not parts -%}
            {%- do argument_error(call.macro, argument, definition, allowed) -%}
        {%- endif -%}
        {%- set members = [] -%}
        {%- for part in parts -%}
            {%- do members.append(cohort_members(call, argument ~ '.' ~ how ~ '[' ~ loop.index ~ ']', part)) -%}
        {%- endfor -%}
        {{- return(united_members(how, members)) -}}
    {%- elif definition is mapping and definition | length == 1 and 'not' in definition -%}
        {{- return(other_members(call, cohort_members(call, argument ~ '.not', definition['not']))) -}}
    {%- endif -%}
    {%- set step = definition if definition is mapping else {'event': definition} -%}
    {%- set at_least = step.get('at_least', 0 if 'at_most' in step else 1) -%}
    {%- do check_integer(call.macro, argument ~ '.at_least', at_least, least=0) -%}
    {%- set at_most = step.get('at_most') -%}
    {%- if at_most is not none -%}
        {%- do check_integer(call.macro, argument ~ '.at_most', at_most, least=[at_least, 0] | max) -%}
    {%- endif -%}
    {%- set within = step.get('within') -%}
    {%- set within = none if within is none else check_duration(call.macro, argument ~ '.within', within) -%}
    {%- set bare = {} -%}
    {%- for key, value in step.items() if key not in ['at_least', 'at_most', 'within'] -%}
        {%- do bare.update({key: value}) -%}
    {%- endfor -%}
    {%- set condition = step_or_any(call, argument, bare if definition is mapping else definition).condition -%}
    {{- return(frequent_members(call, condition, at_least, at_most, within)) -}}
{%- endmacro -%}
