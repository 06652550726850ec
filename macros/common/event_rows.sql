{#-
    The events that a macro looks at, as a bracketed subquery: project_id, actor, event_id, event, occurred_at, and one
    column for each entry of `columns` (alias → compiled SQL).

    Kept are events of the call's projects with an actor (`nobody=true`: also those of nobody) that meet the call's
    `where`, and `match` (compiled SQL) if given. With `by_owner` there are the columns of `owner_keys` instead of the
    actor, and whoever groups by them leaves nobody out. `from_start` and `to_end` apply the call's half-open range;
    `after_end` adds milliseconds to its end (inclusive, as windows are).

    Aliases are made with a leading underscore and renamed outside: in ClickHouse an alias hides a column of its name,
    also in `where`.
-#}
{%- macro event_rows(
    call, columns={}, match=none, from_start=true, to_end=true, after_end=none, nobody=false, by_owner=false
) -%}
    {%- set owners = owner_columns(call) if by_owner else {'actor': call.actor} -%}
    {%- set conditions = [call.actor ~ " != ''"] if 'actor' in owners and not nobody else [] -%}
    {%- if from_start and call.start is not none -%}
        {%- do conditions.append('occurred_at >= ' ~ call.start) -%}
    {%- endif -%}
    {%- if to_end and call.end is not none and after_end is none -%}
        {%- do conditions.append('occurred_at < ' ~ call.end) -%}
    {%- elif to_end and call.end is not none -%}
        {%- do conditions.append('occurred_at < ' ~ call.end ~ ' + toIntervalMillisecond(' ~ after_end ~ ')') -%}
    {%- endif -%}
    {%- for condition in [call.where, match] if condition is not none -%}
        {%- do conditions.append(condition) -%}
    {%- endfor -%}
    (
        select
            project_id,
            {%- for alias in owners %}
            _{{ alias }} as {{ alias }},
            {%- endfor %}
            event_id,
            event,
            occurred_at
            {%- for alias in columns %},
            _{{ alias }} as {{ alias }}
            {%- endfor %}
        from (
            select
                project_id,
                {%- for alias, sql in owners.items() %}
                {{ sql }} as _{{ alias }},
                {%- endfor %}
                event_id,
                event,
                occurred_at
                {%- for alias, sql in columns.items() %},
                {{ sql }} as _{{ alias }}
                {%- endfor %}
            from {{ events_relation(call) }}
            where {{ project_condition(call) }}
                {%- for condition in conditions %}
                and {{ condition }}
                {%- endfor %}
        )
    )
{%- endmacro -%}


{#- The call's events, with the properties, of events and of persons, that its expressions name. -#}
{%- macro events_relation(call) -%}
    {%- set identifiers = call.get('identifiers') -%}
    {{- facts_with(call.free_properties, identifiers) ~ ' as events' if call.free_properties or identifiers else call.events }}
    {%- if call.person_paths %}
    left any join (
        select
            project_id,
            person_id
            {%- for path in call.person_paths %},
            {{ json_text('properties', path) }} as {{ person_column(path) }}
            {%- endfor %}
        from {{ ref('dim_persons') }}
    ) as persons using (project_id, person_id)
    {%- endif -%}
{%- endmacro -%}


{%- macro project_condition(call) -%}
    {{- return('1' if call.projects is none else 'project_id in (' ~ string_literals(call.projects) ~ ')') -}}
{%- endmacro -%}


{#-
    One row per project: data_start and data_end, its least and greatest occurred_at before `where` (NULL for a named
    project without events).

    It is made of a scalar: however often a query asks for it, the events are read for it once.
-#}
{%- macro project_ends(call) -%}
    (
        select
            ends.1 as project_id,
            ends.2 as data_start,
            ends.3 as data_end
        from (
            select arrayJoin((
                select groupArray((project_id, data_start, data_end))
                from (
                    {%- if call.projects %}
                    select
                        named as project_id,
                        events.data_start as data_start,
                        events.data_end as data_end
                    from (select arrayJoin([{{ string_literals(call.projects | unique(true)) }}]) as named) as projects
                    left join {{ ends_of_events(call) }} as events on projects.named = events.project_id
                    {%- else %}
                    select * from {{ ends_of_events(call) }}
                    {%- endif %}
                )
            )) as ends
        )
    )
{%- endmacro -%}


{%- macro ends_of_events(call) -%}
    (
        select
            toString(project_id) as project_id,
            toNullable(min(occurred_at)) as data_start,
            toNullable(max(occurred_at)) as data_end
        from {{ call.events }}
        where {{ project_condition(call) }}
        group by project_id
    )
{%- endmacro -%}
