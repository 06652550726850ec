{# Whether a copy came since of a record, which is to be kept in its place. #}
{% macro is_lost_record(copies) -%}
    ({{ record_coordinates() }}) in (
        select {{ record_coordinates() }} from {{ changes_of(copies) }} where change = 1
    )
{%- endmacro %}
