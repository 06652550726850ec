{#
    The sessions of all events by their start, for a whole build: an event's session is the last one of its owner that starts
    at or before it, which takes a tenth of the memory of looking up each event. session_owner, starts_at, session_hash.

    Where a session starts at the very millisecond of an event of the one before, as two users of a device can make it, `tied` says
    of each event of that millisecond which session it is in: (event id, session hash).
#}
{% macro session_intervals() -%}
    {%- if not is_incremental_build() -%}
        {%- set gap_ms = check_duration('session_intervals', "var('session_gap')", var('session_gap')) -%}
        with

        owned as (

            select
                project_id,
                owner_key as session_owner,
                {{ has_session('owner_key') }} as has_session,
                occurred_at,
                event_id,
                user_id
            from {{ new_events() }}

        ),

        visits as (

            {{ visits('owned', gap_ms) }}

        ),

        sessions as (

            select
                session_owner,
                arraySplit(
                    (event, is_start) -> is_start, visit, {{ session_starts('visit', [], none) }}
                ) as in_order,
                arrayJoin(arrayZip(
                    in_order, arrayPushFront(arrayPopBack(in_order), arrayResize(in_order[1], 0))
                )) as neighbours,
                neighbours.1 as session,
                neighbours.2 as session_before,
                session[1].1 as start_ms,
                session[1].2 as first_event_id,
                {{ session_hash('session') }} as session_hash
            from visits

        )

        select
            session_owner,
            fromUnixTimestamp64Milli(start_ms, 'UTC') as starts_at,
            argMax(sessions.session_hash, first_event_id) as session_hash,
            groupArrayArray(if(
                notEmpty(session_before) and session_before[-1].1 = start_ms,
                arrayConcat(
                    arrayMap(
                        event -> (event.2, {{ session_hash('session_before') }}),
                        arrayFilter(event -> event.1 = start_ms, session_before)
                    ),
                    arrayMap(event -> (event.2, sessions.session_hash), arrayFilter(event -> event.1 = start_ms, session))
                ),
                []
            )) as tied
        from sessions
        group by session_owner, start_ms
    {%- endif -%}
{%- endmacro %}


{# A session is named by its owner and its first event. #}
{% macro session_hash(session) -%}
    sipHash128(session_owner, {{ session }}[1].1, {{ session }}[1].2)
{%- endmacro %}


{# The events of a whole build with their sessions. #}
{% macro all_events_with_sessions() -%}
    (
        select
            events.* except (has_session),
            multiIf(
                not events.has_session, '',
                notEmpty(intervals.tied) and events.occurred_at = intervals.starts_at,
                lower(hex(intervals.tied[indexOf(intervals.tied.1, events.event_id)].2)),
                lower(hex(intervals.session_hash))
            ) as session_id
        from (
            select
                *,
                {{ has_session('owner_key') }} as has_session
            from {{ new_events() }}
        ) as events
        asof left join {{ prepared('intervals', session_intervals()) }} as intervals
            on
                events.owner_key = intervals.session_owner
                and events.occurred_at >= intervals.starts_at
    )
{%- endmacro %}
