{#
    On which local days each person was active, in order. What marts count from days is counted from what changes here: see
    `macros/engagement/day_counts.sql`.
#}
{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['person_id'],
        order_by=['project_id', 'person_id'],
        dirty='{{ persons_with_other_days() }}',
    )
}}
-- depends_on: {{ ref('person_lookup') }} {{ ref('person_ids') }}

with

days as (

    {{ days_of_persons() }}

),

persons as (

    select
        any(days.project_id) as project_id,
        {{ person_as_text('person') }} as person_id,
        arraySort(groupUniqArray(activity_date)) as active_dates
    from days
    group by person

)

select *
from persons
where person_id != '' and {{ is_dirty('person_id') }}
