{#- Those in all, or in any, of some sets of members; in all since the last entry, in any since the first. -#}
{%- macro united_members(how, members) -%}
(
    select
        project_id,
        actor,
        {{ 'max' if how == 'all' else 'min' }}(entered_at) as entered_at
    from (
        {%- for one in members %}
        select
            project_id,
            actor,
            entered_at
        from {{ one }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
    group by
        project_id,
        actor
    {%- if how == 'all' %}
    -- Each set holds an actor once.
    having count() = {{ members | length }}
    {%- endif %}
)
{%- endmacro -%}


{#- Actors with any event who are no members, since their first event. -#}
{%- macro other_members(call, members) -%}
(
    select
        project_id,
        actor,
        min(occurred_at) as entered_at
    from {{ event_rows(call) }}
    where (project_id, actor) not in (
        select
            project_id,
            actor
        from {{ members }}
    )
    group by
        project_id,
        actor
)
{%- endmacro -%}
