{#
    The facts: each event once, with what no merge of persons can change. An identifier's events lie side by side, which is
    what funnels and the look-up of a person read; weeks apart, so that what touches the last days writes few parts.
    It lies in `marts`, as readers of `fct_events` read through to it.
#}
{{
    config(
        materialized='versioned',
        schema='marts',
        partition_by='toMonday(occurred_at)',
        order_by=['project_id', 'identifier_key', 'occurred_at', 'event_id'],
        row_key=['project_id', 'identifier_key', 'occurred_at', 'event_id', 'client_timestamp'],
        settings={'min_bytes_for_wide_part': 10485760},
        query_settings=json_settings(),
        prepare=[
            ['arrived', '{{ arrived_events() }}'],
            ['lost', '{{ lost_events() }}'],
            ['visits', '{{ touched_visits() }}'],
            ['touched', '{{ touched_events() }}'],
            ['placed', '{{ placed_events() }}'],
            ['moved', '{{ moved_events() }}'],
            ['closing', '{{ closing_events() }}'],
        ],
    )
}}

with

{% if is_incremental_build() -%}
arrived as (

    select
        events.*,
        placed.session_id as session_id
    from {{ new_events() }} as events
    any left join {{ working_table('placed') }} as placed
        on
            events.project_id = placed.project_id
            and events.owner_key = placed.session_owner
            and events.occurred_at = placed.occurred_at
            and events.event_id = placed.event_id

),
{%- else -%}
arrived as (

    select * from {{ sessionize(new_events(), gap=var('session_gap')) }}

),
{%- endif %}

described as (

    select

        ---------- ids
        project_id,
        event_id,
        device_id,
        user_id,
        distinct_id,
        identifier_key,
        owner_key,
        session_id,
        client_session_id,

        ---------- what happened
        event,
        {{ is_bot('user_agent') }} as is_bot,
        {{ planned_columns() }},
        properties,

        ---------- timestamps
        occurred_at,
        client_timestamp,
        received_at,
        loaded_at,

        ---------- where it came from
        {{ record_coordinates() }}

    from arrived

)

select * from described
{%- if is_incremental_build() %}
union all
select moved_rows.* replace (moved.session_id as session_id)
from (
    select * except (run, closed)
    from {{ data_of(this) }}
    where
        closed = 0
        and ({{ event_row_key() }}) in (select {{ event_row_key() }} from {{ working_table('moved') }})
) as moved_rows
any inner join {{ working_table('moved') }} as moved using ({{ event_row_key() }})
{%- endif %}
