{#
    The envelope of a record in one parse, as the loaders' check reads it (`loaders/envelope.py`). Numbers come out as decimal text,
    which is what a numeric id becomes; absent and null are ''. `more` adds members to the tuple, e.g. the planned properties.
    `payload`: SQL of the record's text.
#}
{% macro envelope(fields, more=[], payload='payload') -%}
    {%- set members = [] -%}
    {%- for field in fields -%}
        {%- do members.append(field ~ ' String') -%}
    {%- endfor -%}
    JSONExtract({{ payload }}, 'Tuple({{ (members + more) | join(', ') }})')
{%- endmacro %}
