{#
    The rows of `session_id_map` where the events were built whole: rows that went are gone with the table. What sessions there
    were is known, and each one's first event.

    Sets of all sessions hold numbers: of 18 million ids as texts one takes 3 GB.
#}
{% macro vanished_session_ids() -%}
    {%- set number = session_number() -%}
(
    with

    vanished as (

        select * from {{ sessions_before() }}
        where {{ number }} not in (
            select {{ number }} from {{ ref('int_events_sessionized') }}
            where {{ 'session_id != \'\'' if build_state().last > 0 else 'false' }}
        )

    ),

    watched as (

        select
            project_id,
            session_id,
            first_event_id,
            first_client_timestamp,
            event_count,
            false as is_known
        from vanished
        union all
        select
            project_id,
            session_id,
            first_event_id,
            first_client_timestamp,
            0 as event_count,
            true as is_known
        from {{ known_session_ids() }}
        where {{ number }} not in (select {{ number }} from vanished)

    ),

    events as (

        select
            project_id,
            event_id,
            client_timestamp,
            session_id
        from {{ ref('int_events_sessionized') }}
        where event_id in (select first_event_id from watched)

    ),

    found as (

        select
            watched.project_id as project_id,
            watched.session_id as session_id,
            events.session_id as new_session_id,
            watched.event_count as event_count,
            watched.first_event_id as first_event_id,
            watched.first_client_timestamp as first_client_timestamp,
            watched.is_known as is_known,
            countIf(not watched.is_known) over (partition by watched.project_id, new_session_id)
            + ({{ session_number('new_session_id') }} in (select {{ number }} from {{ sessions_before() }})) as source_count
        from watched
        left any join events
            on
                watched.project_id = events.project_id
                and watched.first_event_id = events.event_id
                and watched.first_client_timestamp = events.client_timestamp

    )

    select
        found.project_id as project_id,
        found.session_id as session_id,
        found.new_session_id as new_session_id,
        multiIf(
            found.is_known, 'followed',
            found.new_session_id = '', 'dissolved',
            found.source_count > 1, 'joined',
            'renamed'
        )::LowCardinality(String) as reason,
        found.event_count as event_count,
        1 as has_first_event,
        found.first_event_id as first_event_id,
        found.first_client_timestamp as first_client_timestamp
    from found
    left any join {{ known_session_ids() }} as known
        on found.project_id = known.project_id and found.session_id = known.session_id
    where not found.is_known or found.new_session_id != known.current_session_id
)
{%- endmacro %}


{% macro session_number(session_id='session_id') -%}
    reinterpretAsUInt128(sipHash128(project_id, {{ session_id }}))
{%- endmacro %}
