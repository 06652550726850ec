{#
    The facts: each event once, with what no merge of persons can change. An identifier's events lie side by side, which is
    what funnels and the look-up of a person read; weeks apart, so that what touches the last days writes few parts.
    It lies in `marts`, as readers of `fct_events` read through to it.
#}
{{
    config(
        materialized='versioned',
        is_marked_at_once=true,
        schema='marts',
        partition_by='toMonday(occurred_at)',
        order_by=['project_id', 'identifier_key', 'occurred_at', 'event_id'],
        row_key=['identifier_key', 'occurred_at', 'event_id', 'client_timestamp'],
        settings=event_table_settings(),
        prepare=[
            ['intervals', '{{ session_intervals() }}'],
            ['arrived', '{{ arrived_events() }}'],
            ['lost', '{{ lost_events() }}'],
            ['visits', '{{ touched_visits() }}'],
            ['touched', '{{ touched_events() }}'],
            ['placed', '{{ placed_events() }}'],
            ['moved', '{{ moved_events() }}'],
        ],
        closing='{{ is_lost_or_moved() }}',
    )
}}

with

arrived as (

    select * from {{ new_events_with_sessions() }}

),

described as (

    select
        {{ described_columns() }},

        ---------- where it came from
        {{ record_coordinates() }}

    from arrived

)

{% if is_incremental_build() -%}
    select * from described
    union all
    select * from {{ moved_rows() }}
{%- else -%}
    select * from described
{%- endif %}
