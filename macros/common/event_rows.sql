{#-
    The events that a macro looks at, as a bracketed subquery: project_id, actor, event_id, event, occurred_at, and one
    column for each entry of `columns` (alias → compiled SQL).

    Kept are events of the call's projects with an actor (`nobody=true`: also those of nobody) that meet the call's
    `where`, and `match` (compiled SQL) if given. `from_start` and `to_end` apply the call's half-open range; `after_end`
    adds milliseconds to its end (inclusive, as windows are).

    Aliases are made with a leading underscore and renamed outside: in ClickHouse an alias hides a column of its name,
    also in `where`.
-#}
{%- macro event_rows(call, columns={}, match=none, from_start=true, to_end=true, after_end=none, nobody=false) -%}
    {%- set conditions = [] if nobody else [call.actor ~ " != ''"] -%}
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
            _actor as actor,
            event_id,
            event,
            occurred_at
            {%- for alias in columns %},
            _{{ alias }} as {{ alias }}
            {%- endfor %}
        from (
            select
                project_id,
                {{ call.actor }} as _actor,
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


{#- The call's events, with the profile properties that its expressions name. -#}
{%- macro events_relation(call) -%}
    {{- call.events }}
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
-#}
{%- macro project_ends(call) -%}
    (
        select
            project_id,
            min(data_start) as data_start,
            max(data_end) as data_end
        from (
            select
                toString(project_id) as project_id,
                toNullable(min(occurred_at)) as data_start,
                toNullable(max(occurred_at)) as data_end
            from {{ call.events }}
            where {{ project_condition(call) }}
            group by project_id
            {%- for project in call.projects or [] %}
            union all
            select {{ string_literal(project) }}, null, null
            {%- endfor %}
        )
        group by project_id
    )
{%- endmacro -%}
