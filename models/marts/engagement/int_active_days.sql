{#
    The days as a relation that every macro of behaviour reads in place of the events, where nothing but the day, the
    person and `default_where` counts: one event a person's day. The last row of a project, which is nobody's, tells how
    far its data goes.
#}
{{ config(schema='staging', materialized='view') }}

select
    project_id,
    toString(identifier_key) as event_id,
    identifier_key,
    '*' as event,
    first_at as occurred_at,
    {{ person_id_of_key(at='segment_at') }} as person_id,
    is_counted
from {{ ref('int_identifier_days') }}
union all
select
    project_id,
    '' as event_id,
    0 as identifier_key,
    '*' as event,
    max(last_at) as occurred_at,
    '' as person_id,
    true as is_counted
from {{ ref('int_identifier_days') }}
group by project_id
