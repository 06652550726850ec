-- Persons are looked up by a 64-bit hash; a collision would fuse two people.
select identifier_key
from {{ ref('person_ids') }}
group by identifier_key
having uniqExact(project_id, identifier_kind, identifier) > 1
