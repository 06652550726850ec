{#- How many actors go through a sequence of steps, and how long they take. The page is in _funnels.md. -#}
{%- macro funnel(
    steps, window=none, order=none, ties=none, entry=none, exclude=none, exclusion=none, optional=none,
    hold_constant=none, count=none, attribution=none, dialect=none, kept_by=none
) -%}
    {%- set given = {
        'steps': steps, 'window': window, 'order': order, 'ties': ties, 'entry': entry, 'exclude': exclude,
        'exclusion': exclusion, 'optional': optional, 'hold_constant': hold_constant, 'count': count,
        'attribution': attribution, 'dialect': dialect,
    } -%}
    {%- set funnel = funnel_settings('funnel', given, kwargs) -%}
    {%- if reads_kept_rows('funnel', kept_by, dict(given, **kwargs)) -%}
        {%- set funnel = dict(funnel, kept_by=kept_by, call=with_ends_only(funnel.call)) -%}
    {%- endif -%}
    {{- funnel_table(funnel) -}}
{%- endmacro -%}
