{#
    Found by rounds to a fixpoint, over the components that a changed join touches: every join that holds lies within one of
    them, or between two, so the rest of the graph cannot change.
#}
{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['project_id', 'node'],
        order_by=['project_id', 'node'],
        dirty='{{ touched_nodes() }}',
        prepare=[
            ['numbered', '{{ numbered_nodes() }}'],
            ['labels', '{{ component_labels() }}'],
        ],
    )
}}
-- depends_on: {{ ref('int_identity_edges') }}

with

labels as (

    select
        node_number,
        component_number,
        count() over (partition by component_number) as node_count
    from {{ working_table('labels') }}

),

nodes as (

    select * from {{ working_table('numbered') }}

)

select
    nodes.project_id as project_id,
    nodes.node as node,
    canonical.node as component_node,
    labels.node_count as node_count
from labels
inner join nodes on labels.node_number = nodes.node_number
inner join nodes as canonical on labels.component_number = canonical.node_number
