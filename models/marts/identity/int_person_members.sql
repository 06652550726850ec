{{ config(schema='staging', materialized='view') }}

select distinct
    project_id,
    node,
    (identifier_kind = 'user')::UInt8 as is_user,
    is_joined,
    is_set_aside,
    canonical_node,
    person_id
from {{ ref('person_ids') }}
-- A device that a user owns is a way to that user's node, not a node.
where identifier_kind = 'user' or startsWith(node, 'd:')
