-- Sessionless events are the exception that `sessionless_where` makes.
select
    project_id,
    event_id,
    session_id
from {{ ref('fct_events') }}
where
    (distinct_id = '' and session_id != '')
    {%- if not var('sessionless_where') %}
    or (distinct_id != '' and session_id = '')
    {%- endif %}
