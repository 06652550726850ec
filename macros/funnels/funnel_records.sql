{#- The shape of the records of `funnel_walk`. -#}

{#- The optional steps between a step and the next required one. -#}
{%- macro optional_after(funnel, number) -%}
    {%- set options = [] -%}
    {%- set following = required_after(funnel, number) -%}
    {%- for option in funnel.optional if following is not none and number < option < following -%}
        {%- do options.append(option) -%}
    {%- endfor -%}
    {{- return(options) -}}
{%- endmacro -%}


{%- macro required_after(funnel, number) -%}
    {{- return(funnel.required | select('gt', number) | list | first if number < funnel.steps | length else none) -}}
{%- endmacro -%}


{#- The numbers (from 0) of the exclusions that begin at a step. -#}
{%- macro exclusions_from(funnel, number) -%}
    {%- set found = [] -%}
    {%- for one in funnel.exclusions if one.from_step == number -%}
        {%- do found.append(funnel.exclusions.index(one)) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro -%}


{%- macro record_length(funnel, number) -%}
    {%- set length = 2 + exclusions_from(funnel, number) | length -%}
    {%- if required_after(funnel, number) is none or (number in funnel.optional and funnel.order != 'strict') -%}
        {{- return(length) -}}
    {%- endif -%}
    {{- return(length + optional_after(funnel, number) | length + 1) -}}
{%- endmacro -%}


{#- A step that is not served: the same shape, no times. -#}
{%- macro none_record(funnel, number) -%}
    {%- set following = required_after(funnel, number) -%}
    {%- set record = none_leaf_fields(funnel, number) -%}
    {%- if record_length(funnel, number) > record | length -%}
        {%- for option in optional_after(funnel, number) -%}
            {%- do record.append(none_leaf(funnel, option)) -%}
        {%- endfor -%}
        {%- do record.append(none_record(funnel, following)) -%}
    {%- endif -%}
    {{- return('(' ~ record | join(', ') ~ ')') -}}
{%- endmacro -%}


{%- macro none_leaf(funnel, number) -%}
    {{- return('(' ~ none_leaf_fields(funnel, number) | join(', ') ~ ')') -}}
{%- endmacro -%}


{%- macro none_leaf_fields(funnel, number) -%}
    {%- set no_mark = "''" if funnel.has_ids else 'toUInt32(0)' -%}
    {{- return([funnel.never, no_mark] + [funnel.never] * exclusions_from(funnel, number) | length) -}}
{%- endmacro -%}


{#- A record without what follows it. -#}
{%- macro leaf_of(funnel, number, record) -%}
    {%- set fields = [] -%}
    {%- for place in range(1, 3 + exclusions_from(funnel, number) | length) -%}
        {%- do fields.append(record ~ '.' ~ place) -%}
    {%- endfor -%}
    {{- return('(' ~ fields | join(', ') ~ ')') -}}
{%- endmacro -%}
