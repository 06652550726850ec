-- A path that reached a step has reached the required one before it, so each share lies between 0 and 1.
select *
from {{ ref('fct_funnels') }}
where
    converted_from_previous not between 0 and 1
    or converted_from_start not between 0 and 1
    or incomplete > entered
