{#
    `fct_events`, and what has landed since. A view: each record beyond the last run is flattened as it is read. Of a record that
    came more than once the same copy counts as in the next run: where that is one beyond it, the stored row gives way.

    What is asked several times is a scalar, which the engine computes once in a query, of a view with a short name: the engine plans it
    wherever it is named.

    No contract is enforced: to compare types dbt asks for no rows, and the engine computes the scalars for that all the same, over
    all of raw before the first run has committed.
#}
{{ config(materialized='view') }}

-- depends_on: {{ ref('live_persons') }}

with

{{ read_state() }} as read_state,

(
    select (coordinates_beyond, coordinates_stored, identifier_keys_stored)
    from {{ ref('live_copies') }}
) as losers

select {{ event_columns(person_id_of_key()) }}
from (
    -- Mostly none gives way, which the engine knows before it plans what it reads.
    select * from {{ stored_events('empty(losers.3) or identifier_key not in (select arrayJoin(losers.3))') }}
    union all
    -- Others of the same identifier stay.
    select * from {{ stored_events('notEmpty(losers.3) and identifier_key in (select arrayJoin(losers.3))') }}
    where ({{ record_coordinates() }}) not in (select arrayJoin(losers.2))
)
union all
select * from {{ tail_that_counts() }}
