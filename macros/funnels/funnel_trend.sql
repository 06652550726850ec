{#- `funnel` by the period of step 1: each row is the funnel of the attempts that start in its period. -#}
{%- macro funnel_trend(
    steps, window=none, order=none, ties=none, entry=none, exclude=none, exclusion=none, optional=none,
    hold_constant=none, count=none, attribution=none, dialect=none, period='day'
) -%}
    {%- set given = {
        'steps': steps, 'window': window, 'order': order, 'ties': ties, 'entry': entry, 'exclude': exclude,
        'exclusion': exclusion, 'optional': optional, 'hold_constant': hold_constant, 'count': count,
        'attribution': attribution, 'dialect': dialect,
    } -%}
    {%- do check_period('funnel_trend', 'period', period) -%}
    {{- funnel_table(funnel_settings('funnel_trend', given, kwargs), period) -}}
{%- endmacro -%}
