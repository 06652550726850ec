{#
    One number for an identifier of a project, by which facts are ordered and persons are looked up: numbers are
    compared and hashed twice as fast as texts. A user and a device of the same text are two identifiers.
#}
{% macro identifier_key(kind, identifier) -%}
    sipHash64(project_id, {{ kind }}, {{ identifier }})
{%- endmacro %}
