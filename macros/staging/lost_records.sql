{# The records that stood until a copy came that is to be kept in their place. #}
{% macro lost_records(copies) -%}
    {%- if is_incremental_build() -%}
        select {{ record_coordinates() }}
        from {{ data_of(this) }}
        where
            closed = 0
            and ({{ record_coordinates() }}) in (
                select {{ record_coordinates() }} from {{ changes_of(copies) }} where change = 1
            )
    {%- endif -%}
{%- endmacro %}
