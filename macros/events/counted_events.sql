{# How often each event occurred on each UTC day. #}
{% macro counted_events(events, condition) -%}
    select
        project_id,
        event,
        toDate(occurred_at) as occurred_date,
        count() as event_count,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from {{ events }}
    {{ condition }}
    group by project_id, event, occurred_date
{%- endmacro %}


{# How often each property came with each event on each UTC day, by type. #}
{% macro counted_properties(events, condition) -%}
    select
        project_id,
        event,
        path_and_type.1 as property,
        {{ json_type('path_and_type.2') }} as type,
        occurred_date,
        sum(path_count) as value_count,
        min(path_first_seen_at) as first_seen_at,
        max(path_last_seen_at) as last_seen_at
    from (
        select
            project_id,
            event,
            toDate(occurred_at) as occurred_date,
            -- The column knows its paths and types; nothing is parsed again.
            arrayJoin(JSONAllPathsWithTypes(properties)) as path_and_type,
            count() as path_count,
            min(occurred_at) as path_first_seen_at,
            max(occurred_at) as path_last_seen_at
        from {{ events }}
        {{ condition }}
        group by project_id, event, occurred_date, path_and_type
    )
    group by project_id, event, property, type, occurred_date
{%- endmacro %}
