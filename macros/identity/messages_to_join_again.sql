{# The joins to resolve again: new ones, those that name a device whose owners changed, those of a pair that was cut. #}
{% macro messages_to_join_again() -%}
    with

    changed_messages as (

        select * from {{ changes_of(ref('stg_raw__identities')) }}

    ),

    changed_devices as (

        select device_key from {{ changes_of(ref('int_device_owners')) }}

    ),

    cuts as (

        select
            project_id,
            {{ user_node('user_id') }} as one_node,
            {{ user_node('previous_id') }} as other_node
        from changed_messages
        where type = 'unmerge' and user_id != '' and previous_id != ''

    )

    select project_id, event_id, client_timestamp
    from changed_messages
    where type in ('merge', 'alias')
    union all
    select project_id, event_id, client_timestamp
    from {{ standing_rows(ref('stg_raw__identities')) }}
    where
        type in ('merge', 'alias')
        and (
            device_key in (select changed_devices.device_key from changed_devices)
            or previous_device_key in (select changed_devices.device_key from changed_devices)
        )
    union all
    select project_id, event_id, client_timestamp
    from {{ data_of(this) }}
    where
        closed = 0
        and (project_id, left_node, right_node) in (
            select
                cuts.project_id,
                least(cuts.one_node, cuts.other_node),
                greatest(cuts.one_node, cuts.other_node)
            from cuts
        )
{%- endmacro %}
