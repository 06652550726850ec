{# The sessions as the ledger of their ids knew them last: `int_sessions_aggregated` is built after it. #}
{% macro sessions_before() -%}
    {%- set last = build_state().last -%}
    {%- set sessions = earlier_state_of('int_sessions_aggregated', 'marts') -%}
    {%- set data = (table_before_swap(sessions, since=last) if last > 0) or data_of(sessions) -%}
    {%- set columns = ['project_id', 'session_id', 'owner_key', 'event_count', 'session_start_at', 'first_event_id', 'first_client_timestamp'] -%}
    {%- if last > 0 and has_column(data, 'first_event_id') -%}
        (
            select {{ columns | join(', ') }}
            from {{ data }}
            where {{ stood_after(last) }}
        )
    {%- else -%}
        {#- Nothing was told yet. -#}
        (
            select
                '' as project_id,
                '' as session_id,
                0::UInt64 as owner_key,
                0::UInt64 as event_count,
                toDateTime64(0, 3, 'UTC') as session_start_at,
                '' as first_event_id,
                toDateTime64(0, 3, 'UTC') as first_client_timestamp
            where false
        )
    {%- endif -%}
{%- endmacro %}


{% macro has_column(relation, name) -%}
    {{- return(execute and single_value(
        'select count() from system.columns where database = ' ~ string_literal(relation.schema) ~ ' and table = '
        ~ string_literal(relation.identifier) ~ ' and name = ' ~ string_literal(name)
    ) > 0) -}}
{%- endmacro %}


{# Whether a versioned model was built whole since the model that is compiled last finished: what went cannot be seen. #}
{% macro was_built_whole(relation) -%}
    {%- set state = build_state() -%}
    {{- return(state.is_building and was_one_built_whole([relation.identifier], since=state.last)) -}}
{%- endmacro %}


{# The id of the session that begins with an event. #}
{% macro session_id_of(owner, occurred_at, event_id) -%}
    lower(hex(sipHash128({{ owner }}, toUnixTimestamp64Milli({{ occurred_at }}), {{ event_id }})))
{%- endmacro %}


{# The events that are in another session than before, with both. In a first build there is no before. #}
{% macro events_with_another_session() -%}
    {%- set changes = changes_of(ref('int_events_sessionized')) -%}
    {%- set told = 'true' if build_state().last > 0 else 'false' -%}
    select
        went.project_id as project_id,
        went.event_id as event_id,
        went.client_timestamp as client_timestamp,
        went.owner_key as owner_key,
        went.session_id as session_id,
        came.owner_key as new_owner_key,
        came.session_id as new_session_id,
        went.is_first_event as is_first_event
    from (
        -- Also those that came and went since: readers may have seen them. One whose time was corrected meanwhile is one.
        select
            project_id,
            event_id,
            client_timestamp,
            session_id,
            any(seen.owner_key) as owner_key,
            max(session_id = {{ session_id_of('seen.owner_key', 'occurred_at', 'event_id') }}) as is_first_event
        from {{ changes }} as seen
        where change != 1 and session_id != '' and {{ told }}
        group by project_id, event_id, client_timestamp, session_id
    ) as went
    left any join (
        select project_id, event_id, client_timestamp, owner_key, session_id
        from {{ changes }}
        where
            change = 1
            and event_id in (select event_id from {{ changes }} where change != 1 and session_id != '' and {{ told }})
    ) as came
        on
            went.project_id = came.project_id
            and went.event_id = came.event_id
            and went.client_timestamp = came.client_timestamp
    where went.session_id != came.session_id
{%- endmacro %}


{# The ids that the ledger knows, each with its first event and the session that this was in at last. #}
{% macro known_session_ids() -%}
    {%- set ledger = data_of(this) -%}
    (
        {%- if build_state().last > 0 and has_column(ledger, 'first_event_id') %}
        select
            project_id,
            session_id,
            argMax(new_session_id, run) as current_session_id,
            argMax(first_event_id, run) as first_event_id,
            argMax(first_client_timestamp, run) as first_client_timestamp
        from {{ ledger }}
        where has_first_event
        group by project_id, session_id
        {%- else %}
        select
            '' as project_id,
            '' as session_id,
            '' as current_session_id,
            '' as first_event_id,
            toDateTime64(0, 3, 'UTC') as first_client_timestamp
        where false
        {%- endif %}
    )
{%- endmacro %}
