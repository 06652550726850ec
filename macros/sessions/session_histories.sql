{#
    The events of each session to build, in order: project_id, session_id, owner_key, history (an array of tuples of
    `columns`, the first three of which order events), is_bot. One sorted array costs a quarter of asking for the first and the last of
    each column.

    They are a table of their own: groups of all history come in blocks of many sessions, and what is made of them takes several
    times the memory of a block, while a table is read in small ones.
#}
{% macro session_histories(columns) -%}
    select
        project_id,
        session_id,
        any(events.owner_key) as owner_key,
        arraySort(
            event -> (event.1, event.2, event.3),
            groupArray(({{ columns | join(', ') }}))
        ) as history,
        max(events.is_bot) as is_bot
    from (
        {%- if is_incremental_build() %}
        select * from {{ data_of(ref('int_events_sessionized')) }}
        -- Ids are read of the days of those sessions only, and texts of their events.
        prewhere
            closed = 0
            and {{ is_regrouped('owner_key') }}
            and (owner_key, {{ day_number('occurred_at') }}) in (select owner_key, day from {{ working_table('days') }})
            and session_id != ''
            and {{ is_regrouped('owner_key, session_id') }}
        {%- else %}
        select * from {{ ref('int_events_sessionized') }}
        where session_id != ''
        {%- endif %}
    ) as events
    group by project_id, session_id
{%- endmacro %}
