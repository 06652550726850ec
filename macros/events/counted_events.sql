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


{#
    How often each property came with each event on each UTC day, by type. The paths of a JSON column lead to values, not to objects: one
    that is planned counts as an object where something lies in it.
#}
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
            arrayJoin(arrayConcat(
                JSONAllPathsWithTypes(properties)::Array(Tuple(String, String)),
                {{ planned_objects('mapKeys(JSONAllPathsWithTypes(properties))') }}
            )) as path_and_type,
            count() as path_count,
            min(occurred_at) as path_first_seen_at,
            max(occurred_at) as path_last_seen_at
        from {{ events }}
        {{ condition }}
        group by project_id, event, occurred_date, path_and_type
    )
    group by project_id, event, property, type, occurred_date
{%- endmacro %}


{# (path, 'Object') of each planned path that has none of some paths to itself, and others inside of it. #}
{% macro planned_objects(paths) -%}
    {%- set steps = "splitByChar('.', path)" -%}
    arrayMap(
        path -> (path, 'Object'),
        arrayFilter(
            path -> path in ({{ string_literals(planned_properties() | map(attribute='property') | list) }}) and not has({{ paths }}, path),
            arrayDistinct(arrayFlatten(arrayMap(
                path -> arrayMap(
                    depth -> arrayStringConcat(arraySlice({{ steps }}, 1, depth), '.'), range(1, length({{ steps }}))
                ),
                arrayFilter(path -> position(path, '.') > 0, {{ paths }})
            )))
        )
    )
{%- endmacro %}
