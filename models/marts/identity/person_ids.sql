{{
    config(
        materialized='versioned',
        keeps_history=true,
        keys=['identifier_key'],
        order_by=['project_id', 'identifier_kind', 'identifier', 'valid_from'],
        dirty='{{ identifiers_to_resolve() }}',
    )
}}

with

known_users as (

    select
        project_id,
        user_id,
        identifier_key
    from {{ ref('int_events_sessionized') }}
    where user_id != '' and {{ is_dirty('identifier_key') }}
    union all
    select
        project_id,
        arrayJoin([user_id, previous_id]) as user_id,
        {{ identifier_key("'user'", 'user_id') }}
    from {{ ref('stg_raw__identities') }}
    union all
    select
        project_id,
        user_id,
        {{ identifier_key("'user'", 'user_id') }}
    from {{ ref('stg_raw__people') }}

),

users as (

    select
        project_id,
        'user' as identifier_kind,
        user_id as identifier,
        identifier_key,
        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        {{ user_node('user_id') }} as node
    from known_users
    where user_id != '' and {{ is_dirty('identifier_key') }}
    group by project_id, user_id, identifier_key

),

devices as (

    select
        project_id,
        'device' as identifier_kind,
        device_id as identifier,
        device_key as identifier_key,
        valid_from,
        valid_to,
        node
    from {{ ref('int_device_owners') }}
    where {{ is_dirty('device_key', 'identifier_key') }}

),

identifiers as (

    select * from users
    union all
    select * from devices

),

components as (

    select * from {{ ref('int_identity_components') }}
    where (project_id, node) in (
        select
            identifiers.project_id,
            identifiers.node
        from identifiers
    )

),

located as (

    select
        identifiers.*,
        components.node_count > 0 as is_joined,
        -- One too large to be true is not formed: its members stay apart.
        components.node_count > {{ var('max_identifiers') }} as is_set_aside,
        if(not is_joined or is_set_aside, identifiers.node, components.component_node) as canonical_node
    from identifiers
    left join components
        on identifiers.project_id = components.project_id and identifiers.node = components.node

)

select
    project_id,
    identifier_kind::LowCardinality(String) as identifier_kind,
    identifier,
    identifier_key,
    valid_from,
    valid_to,
    lower(hex(sipHash128(project_id, canonical_node))) as person_id,
    is_set_aside,
    is_joined,
    node,
    canonical_node
from located
