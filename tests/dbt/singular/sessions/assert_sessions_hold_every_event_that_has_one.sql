{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'fct_sessions'}}}) }}
select
    (select countIf(session_id != '') from {{ ref('fct_events') }}) as events_with_a_session,
    (select sum(event_count) from {{ ref('fct_sessions') }}) as events_of_sessions
where events_with_a_session != events_of_sessions
