{#
    The text of a JSON object as a JSON column; of anything else, an empty object. A cast, because what `JSONExtract` makes of an array hangs on the rows
    before it: where one had `[1, 2]` at the same path, `[1, 2.5]` becomes `[1, null]`. It needs `json_settings`.
#}
{% macro json_object(text) -%}
    if(startsWith({{ text }}, '{'), {{ text }}, '{}')::JSON
{%- endmacro %}
