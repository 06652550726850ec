{# Where events went whose session has another id now: who has stored the old one finds them here. #}
{{
    config(
        materialized='ledger',
        order_by=['project_id', 'session_id', 'new_session_id'],
        prepare=[[
            'moved',
            "{{ events_with_another_session() if not was_built_whole(ref('int_events_sessionized')) else '' }}",
        ]],
    )
}}

{% if was_built_whole(ref('int_events_sessionized')) -%}
    select * from {{ vanished_session_ids() }}
{%- else -%}
    select * from {{ moved_session_ids() }}
{%- endif %}
