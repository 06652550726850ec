{#-
    A value as a ClickHouse string literal that nothing in it can leave.

    NUL is written as an escape because some clients end a query at the raw byte.
-#}
{%- macro string_literal(value) -%}
    {%- set text = value ~ '' -%}
    {%- if modules.re.search('[\ud800-\udfff]', text) -%}
        {{- exceptions.raise_compiler_error('A lone surrogate is no character: ' ~ tojson(text)) -}}
    {%- endif -%}
    {{- return("'" ~ text.replace('\\', '\\\\').replace("'", "\\'").replace('\x00', '\\0') ~ "'") -}}
{%- endmacro -%}


{#- The inside of `in (…)`. -#}
{%- macro string_literals(values) -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(string_literal(value)) -%}
    {%- endfor -%}
    {{- return(literals | join(', ')) -}}
{%- endmacro -%}


{#- A name as a quoted identifier. -#}
{%- macro quoted_identifier(name) -%}
    {{- return('`' ~ (name ~ '').replace('\\', '\\\\').replace('`', '\\`').replace('\x00', '\\0') ~ '`') -}}
{%- endmacro -%}
