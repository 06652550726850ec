{#
    The edges that `paths_session` counts. A batch builds anew those of persons with another event, or with one that is in another
    session now.
#}
{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['person_id'],
        order_by=['project_id', 'person_id', 'breakdown'],
        definition={'where': var('default_where')},
        dirty='{{ persons_with_other_events() }}',
        prepare=[['path_events', "{{ kept_path_events({'where': var('default_where')}) }}"]],
    )
}}

select *
from {{ kept_path_edges({'where': var('default_where')}) }}
where {{ is_dirty('person_id') }}
