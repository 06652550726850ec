{# The rows of `session_id_map` for the events that are in another session than before. #}
{% macro moved_session_ids() -%}
(
    with

    moved as (

        select * from {{ prepared('moved', events_with_another_session()) }}

    ),

    steps as (

        select
            project_id,
            session_id,
            new_session_id,
            count() as event_count,
            max(is_first_event) as has_first_event,
            argMinIf(event_id, client_timestamp, is_first_event) as first_event_id,
            minIf(client_timestamp, is_first_event) as first_client_timestamp
        from moved
        group by project_id, session_id, new_session_id

    ),

    departures as (

        select
            project_id,
            session_id,
            sum(event_count) as event_count
        from steps
        group by project_id, session_id

    ),

    kept as (

        -- Sessions that keep some of their events, and with these their id.
        select
            before.project_id as project_id,
            before.session_id as session_id
        from (
            select * from {{ sessions_before() }}
            where
                owner_key in (select moved.owner_key from moved)
                or owner_key in (select moved.new_owner_key from moved)
        ) as before
        left any join departures
            on before.project_id = departures.project_id and before.session_id = departures.session_id
        where before.event_count > departures.event_count

    ),

    counted as (

        select
            *,
            (project_id, session_id) in (select kept.project_id, kept.session_id from kept) as is_kept,
            count() over (partition by project_id, session_id) + is_kept as target_count,
            count() over (partition by project_id, new_session_id)
            + ((project_id, new_session_id) in (select kept.project_id, kept.session_id from kept)) as source_count
        from steps

    ),

    followers as (

        -- Ids that were replaced earlier, and whose first event has moved on.
        select distinct
            known.project_id as project_id,
            known.session_id as session_id,
            moved.new_session_id as new_session_id,
            known.first_event_id as first_event_id,
            known.first_client_timestamp as first_client_timestamp
        from {{ known_session_ids() }} as known
        inner join moved
            on
                known.project_id = moved.project_id
                and known.first_event_id = moved.event_id
                and known.first_client_timestamp = moved.client_timestamp
        where (known.project_id, known.session_id, moved.new_session_id) not in (
            select steps.project_id, steps.session_id, steps.new_session_id from steps
        )

    )

    select
        project_id,
        session_id,
        new_session_id,
        multiIf(
            new_session_id = '', 'dissolved',
            target_count > 1 and source_count > 1, 'regrouped',
            source_count > 1, 'joined',
            target_count > 1, 'split',
            'renamed'
        )::LowCardinality(String) as reason,
        event_count,
        (has_first_event and not is_kept)::UInt8 as has_first_event,
        first_event_id,
        first_client_timestamp
    from counted
    union all
    select
        project_id,
        session_id,
        new_session_id,
        'followed'::LowCardinality(String) as reason,
        0 as event_count,
        1 as has_first_event,
        first_event_id,
        first_client_timestamp
    from followers
)
{%- endmacro %}
