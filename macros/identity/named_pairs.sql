{#
    The pairs that each join to resolve names: `merge` joins the first of those it names to each other one; `alias` its
    user, else its device, to `previous_id`.
#}
{% macro named_pairs() -%}
    with

    naming as (

        select
            project_id,
            event_id,
            client_timestamp,
            occurred_at,
            arrayFilter(
                named -> named.2 != '',
                [
                    ('user', user_id),
                    ('user', previous_id),
                    ('device', if(type = 'merge' or user_id = '', device_id, '')),
                    ('device', if(type = 'merge', previous_device_id, ''))
                ]
            ) as named
        from {{ ref('stg_raw__identities') }}
        where
            (type = 'merge' or (type = 'alias' and previous_id != ''))
            and {{ is_dirty('project_id, event_id, client_timestamp') }}

    )

    select
        project_id,
        event_id,
        client_timestamp,
        occurred_at,
        (named[1], arrayJoin(arrayPopFront(named))) as pair,
        pair.1.2 as left_id,
        pair.2.2 as right_id,
        if(pair.1.1 = 'device', {{ device_key('left_id') }}, 0) as left_device_key,
        if(pair.2.1 = 'device', {{ device_key('right_id') }}, 0) as right_device_key
    from naming
{%- endmacro %}
