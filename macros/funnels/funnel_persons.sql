{#- One row per counted path of a funnel; `funnel` is its aggregate. The page is in _funnels.md. -#}
{%- macro funnel_persons(
    steps, window=none, order=none, ties=none, entry=none, exclude=none, exclusion=none, optional=none,
    hold_constant=none, count=none, attribution=none, dialect=none
) -%}
    {%- set given = {
        'steps': steps, 'window': window, 'order': order, 'ties': ties, 'entry': entry, 'exclude': exclude,
        'exclusion': exclusion, 'optional': optional, 'hold_constant': hold_constant, 'count': count,
        'attribution': attribution, 'dialect': dialect,
    } -%}
    {%- set funnel = funnel_settings('funnel_persons', given, kwargs, needs_ids=true) -%}
(
    select
        project_id,
        actor,
        {%- if funnel['count'] == 'sessions' %}
        session_id,
        {%- endif %}
        {{ breakdown_columns(funnel.call, 'value') }},
        toUInt8(level) as level,
        arrayMap(t -> if(t = {{ funnel.never }}, null, fromUnixTimestamp64Milli(t, 'UTC')), times) as step_at,
        arrayMap((t, m) -> if(t = {{ funnel.never }}, '', m), times, marks) as event_ids,
        toBool(is_open) as incomplete
    from (
        select
            * except breakdown,
            breakdown as value
        from {{ funnel_paths(funnel) }}
    )
)
{%- endmacro -%}
