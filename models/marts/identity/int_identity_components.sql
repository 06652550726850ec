{{ config(schema='staging', materialized='connected_components') }}

with

edges as (

    select * from {{ ref('int_identity_edges') }}
    where not is_cut

),

nodes as (

    select * from {{ ref('int_identity_nodes') }}

),

left_numbered as (

    select
        edges.project_id as project_id,
        edges.right_node as right_node,
        nodes.node_number as left_number
    from edges
    inner join nodes
        on edges.project_id = nodes.project_id and edges.left_node = nodes.node

)

select
    left_numbered.left_number as left_number,
    nodes.node_number as right_number
from left_numbered
inner join nodes
    on left_numbered.project_id = nodes.project_id and left_numbered.right_node = nodes.node
