{{ config(schema='staging', order_by=['project_id', 'node']) }}

with

nodes as (

    select * from {{ ref('int_identity_nodes') }}

),

components as (

    select
        node_number,
        component_number,
        count() over (partition by component_number) as member_count
    from {{ ref('int_identity_components') }}

),

located as (

    select
        nodes.*,
        components.member_count > 0 as is_joined,
        components.member_count > {{ var('max_identifiers') }} as is_set_aside,
        -- A node without a join is not among the components; neither is one whose component is too large to be true.
        if(not is_joined or is_set_aside, nodes.node_number, components.component_number) as person_number
    from nodes
    left join components using (node_number)

)

select
    located.project_id as project_id,
    located.node as node,
    located.is_user as is_user,
    located.is_joined as is_joined,
    located.is_set_aside as is_set_aside,
    canonical.node as canonical_node,
    lower(hex(sipHash128(located.project_id, canonical.node))) as person_id
from located
inner join nodes as canonical
    on located.person_number = canonical.node_number
