{{ config(tags=['nightly'], meta={'dagster': {'ref': {'name': 'int_identity_edges'}}}) }}
-- The fixpoint itself: both ends of every join that holds are in one component.
select
    edges.project_id as project_id,
    edges.left_node as left_node,
    edges.right_node as right_node
from {{ ref('int_identity_edges') }} as edges
inner join {{ ref('int_person_members') }} as left_members
    on edges.project_id = left_members.project_id and edges.left_node = left_members.node
inner join {{ ref('int_person_members') }} as right_members
    on edges.project_id = right_members.project_id and edges.right_node = right_members.node
where
    not edges.is_cut
    and not (left_members.is_set_aside and right_members.is_set_aside)
    and left_members.person_id != right_members.person_id
