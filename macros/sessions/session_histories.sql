{# What is kept of each event of a session. The client's own time tells two events of one id apart, wherever they landed. #}
{% macro history_columns() -%}
    {{- return([
        'occurred_at', 'event_id', 'client_timestamp', 'device_id', 'user_id', 'identifier_key', 'event', 'page', 'utm_source',
        'utm_medium', 'utm_campaign', 'channel', 'campaign_source', 'campaign_medium', 'campaign_name',
        planned_text('user_agent'),
    ]) -}}
{%- endmacro %}


{#
    The events of each session to build, in order: project_id, session_id, owner_key, history (an array of tuples of
    `history_columns`), is_bot. One sorted array costs a quarter of asking for the first and the last of each column.

    They are a table of their own: groups of all history come in blocks of many sessions, and what is made of them takes several
    times the memory of a block, while a table is read in small ones.
#}
{% macro session_histories() -%}
    select
        project_id,
        session_id,
        any(events.owner_key) as owner_key,
        arraySort(
            event -> (event.1, event.2, event.3),
            groupArray(({{ history_columns() | join(', ') }}))
        ) as history,
        max(events.is_bot) as is_bot
    from (
        select * from {{ ref('int_events_sessionized') }}
        where
            session_id != ''
            and {{ is_regrouped('owner_key') }}
            and {{ is_regrouped('owner_key, session_id') }}
    ) as events
    group by project_id, session_id
{%- endmacro %}
