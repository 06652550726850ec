{#
    The usable records of a raw table with their envelope (`fields`; `more` and `payload` as in `envelope`) and its times in milliseconds, besides
    payload, coordinates, `loaded_at` and other `columns` of the table.
#}
{% macro parsed_records(stream, fields, more=[], columns=[], payload='payload') -%}
    (
        select
            *,
            {{ message_times() }}
        from (
            select
                payload,
                {{ record_coordinates() }},
                {%- for column in columns %}
                {{ column }},
                {%- endfor %}
                loaded_at,
                {{ envelope(fields, more, payload) }} as envelope
            from {{ source('raw', stream) }}
            where error_class = ''
        )
    )
{%- endmacro %}
