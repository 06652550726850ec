select
    project_id,
    event_id,
    distinct_id,
    person_id
from {{ ref('fct_events') }}
where (distinct_id = '') != (person_id = '')
