{# Databases are named `staging` and `marts`, with the developer's suffix, never `<target>_<name>`. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or 'marts') ~ env_var('THROUGHLINE_SCHEMA_SUFFIX', '') }}
{%- endmacro %}
