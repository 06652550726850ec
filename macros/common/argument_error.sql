{#- Every wrong argument of a public macro ends here, so that all of them read alike. -#}
{%- macro argument_error(macro, argument, value, allowed) -%}
    {%- set shown = tojson(value, none) or (value ~ '') -%}
    {{- exceptions.raise_compiler_error(
        macro ~ '(): argument `' ~ argument ~ '` is ' ~ shown[:300] ~ '; allowed: ' ~ allowed ~ '.'
    ) -}}
{%- endmacro -%}
