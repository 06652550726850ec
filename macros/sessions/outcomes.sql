{#
    What came of a session: a column for each conversion event of the tracking plan, and whether it is engaged as Google
    Analytics 4 has it (https://support.google.com/analytics/answer/12798876): it lasts 10 seconds, has two pages, or a
    conversion. A page seen twice is one here, as no event says that it is a page view.
#}
{% macro outcomes_of_events(names) -%}
    {%- for event, flag in tracking_plan().conversions.items() %}
        has({{ names }}, {{ string_literal(event) }}) as {{ flag }},
    {%- endfor %}
        duration_seconds >= 10
        or page_count >= 2
        {%- for flag in tracking_plan().conversions.values() %}
        or {{ flag }}
        {%- endfor %} as is_engaged
{%- endmacro %}


{# What a client calls its page, else the path of its address. #}
{% macro page_of_event() -%}
    {%- set page = planned_text('page') -%}
    {{- return('if(' ~ page ~ " != '', " ~ page ~ ', page_path)') -}}
{%- endmacro %}


{% macro outcome_columns() -%}
    {%- for flag in tracking_plan().conversions.values() %}
    {{ flag }},
    {%- endfor %}
    is_engaged
{%- endmacro %}
