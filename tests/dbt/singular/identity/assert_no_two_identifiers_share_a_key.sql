-- Persons are looked up by a 64-bit hash; a collision would fuse two people.
select identifier_key
from {{ rows_beside_those_to_test(ref('person_ids'), ['identifier_key']) }}
group by identifier_key
having uniqExact(project_id, identifier_kind, identifier) > 1
