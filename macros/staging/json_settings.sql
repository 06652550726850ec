{#
    How properties become a JSON column: texts stay texts (a text that looks like a date would be rewritten), and of
    two equal keys the first counts instead of failing the whole build.
#}
{% macro json_settings() -%}
    {{- return({
        'type_json_skip_duplicated_paths': 1,
        'input_format_try_infer_dates': 0,
        'input_format_try_infer_datetimes': 0,
    }) -}}
{%- endmacro %}
