{{
    config(
        materialized='versioned',
        keeps_history=true,
        keys=['identifier_key'],
        order_by=['project_id', 'identifier_kind', 'identifier', 'valid_from'],
        row_key=['identifier_key', 'valid_from'],
        dirty='{{ identifiers_to_resolve() }}',
        prepare=[
            ['lost', '{{ users_to_look_for() }}'],
            ['identifiers', '{{ resolved_identifiers() }}'],
        ],
    )
}}

with

identifiers as (

    select * from {{ prepared('identifiers', resolved_identifiers()) }}

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
