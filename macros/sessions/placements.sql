{#
    The visits of `rows`: project_id, session_owner, visit; as an array of (milliseconds, event id, `session_keys`) in the order
    of events, by time and then by id. A silence of more than the gap ends a visit, and so a session, whatever else holds.
#}
{% macro visits(rows, gap_ms, split_on=[]) -%}
    select
        project_id,
        session_owner,
        arraySort(groupArray((
            toUnixTimestamp64Milli(occurred_at), event_id, {{ session_keys(split_on) }}
        ))) as history,
        arrayJoin(arraySplit(
            (event, silence) -> silence > {{ gap_ms }}, history, arrayDifference(history.1)
        )) as visit
    from {{ rows }}
    where has_session
    group by project_id, session_owner
{%- endmacro %}


{#
    The session of each event of `rows` (project_id, session_owner, has_session, occurred_at, event_id, user_id and what
    `split_on` names): project_id, session_owner, occurred_at, event_id, session_id, session_number,
    event_number_in_session.
#}
{% macro placements(rows, gap_ms, longest_ms=none, split_on=[]) -%}
    with

    visits as (

        {{ visits(rows, gap_ms, split_on) }}

    ),

    sessions as (

        select
            project_id,
            session_owner,
            arrayJoin(arraySplit(
                (event, is_start) -> is_start, visit, {{ session_starts('visit', split_on, longest_ms) }}
            )) as session,
            lower(hex({{ session_hash('session') }})) as session_id,
            row_number() over (
                partition by project_id, session_owner order by session[1]
            ) as session_number
        from visits

    )

    select
        project_id,
        session_owner,
        session_id,
        session_number,
        fromUnixTimestamp64Milli(event.1, 'UTC') as occurred_at,
        event.2 as event_id,
        event_number as event_number_in_session
    from sessions
    array join session as event, arrayEnumerate(session) as event_number
{%- endmacro %}
