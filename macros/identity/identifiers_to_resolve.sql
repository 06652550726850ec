{#
    The identifiers whose persons may have changed: those that are new or lost their only sight, devices whose owners
    changed, and all that belong to a node whose component changed.
#}
{% macro identifiers_to_resolve() -%}
    with

    changed_users as (

        {{ changed_users() }}

    ),

    changed_nodes as (

        select distinct node
        from {{ changes_of(ref('int_identity_components')) }}
        where change != 0

    )

    select identifier_key
    from changed_users
    where
        change < 0
        or identifier_key not in (
            select identifier_key
            from {{ data_of(this) }}
            where closed = 0 and identifier_key in (select changed_users.identifier_key from changed_users)
        )
    union all
    select device_key
    from {{ changes_of(ref('int_device_owners')) }}
    union all
    select identifier_key
    from {{ data_of(this) }}
    -- By the node alone, which is found in half the time: one of its name in another project is resolved to what it was.
    where closed = 0 and node in (select changed_nodes.node from changed_nodes)
{%- endmacro %}


{# The users that events and messages which came or went name. An event that only moved does neither. #}
{% macro changed_users() -%}
    select project_id, user_id, identifier_key, sum(change) as change
    from {{ changes_of(ref('int_events_sessionized')) }}
    where user_id != ''
    group by project_id, user_id, identifier_key
    union all
    select project_id, named.1, named.2, change
    from {{ changes_of(ref('stg_raw__identities')) }}
    array join [(user_id, user_key), (previous_id, previous_user_key)] as named
    where named.1 != ''
    union all
    select project_id, user_id, {{ identifier_key("'user'", 'user_id') }}, change
    from {{ changes_of(ref('stg_raw__people')) }}
    where user_id != ''
{%- endmacro %}


{# Users of whom a sight went: the sources have to tell whether there is another. #}
{% macro users_to_look_for() -%}
    {%- if is_incremental_build() -%}
    select distinct identifier_key
    from ({{ changed_users() }})
    where change < 0
    {%- endif -%}
{%- endmacro %}
