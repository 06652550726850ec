{# A session is named by its first event, so it is where that is; one that lost later events only is itself still. #}
{{ config(materialized='view') }}

select
    project_id,
    session_id,
    if(countIf(has_first_event) > 0, argMaxIf(new_session_id, run, has_first_event), session_id) as current_session_id,
    arraySort(
        groupUniqArrayIf(new_session_id, new_session_id not in ('', session_id) and reason != 'followed')
    ) as moved_to,
    max(recorded_at) as changed_at
from {{ ref('session_id_map') }}
group by project_id, session_id
