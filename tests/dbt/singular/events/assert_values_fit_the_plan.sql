-- Properties that come in another JSON type than planned in more than one value of a hundred. No run fails of it.
{{ config(severity='warn') }}
select
    project_id,
    event,
    property,
    planned_type,
    values_by_type,
    conflict_share
from {{ ref('property_drift') }}
where conflict_share > 0.01
