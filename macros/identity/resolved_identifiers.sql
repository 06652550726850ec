{# The identifiers to resolve, with their nodes: each user, and each device in each time of an owner. #}
{% macro resolved_identifiers() -%}
    with

    users as (

        select project_id, user_id, identifier_key
        from {{ ref('int_events_sessionized') }}
        where user_id != '' and {{ is_dirty('identifier_key') }}
        union all
        select project_id, user_id, user_key
        from {{ ref('stg_raw__identities') }}
        where user_id != '' and {{ is_dirty('user_key', 'identifier_key') }}
        union all
        select project_id, previous_id, previous_user_key
        from {{ ref('stg_raw__identities') }}
        where previous_id != '' and {{ is_dirty('previous_user_key', 'identifier_key') }}
        union all
        select project_id, user_id, {{ identifier_key("'user'", 'user_id') }} as identifier_key
        from {{ ref('stg_raw__people') }}
        where user_id != '' and {{ is_dirty('identifier_key') }}

    )

    select
        any(project_id) as project_id,
        'user' as identifier_kind,
        any(user_id) as identifier,
        identifier_key,
        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        {{ user_node('identifier') }} as node
    from users
    group by identifier_key
    union all
    select project_id, 'device', device_id, device_key, valid_from, valid_to, node
    from {{ ref('int_device_owners') }}
    where {{ is_dirty('device_key', 'identifier_key') }}
{%- endmacro %}
