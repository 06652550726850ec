{# The row versions of `person_ids`: nothing is written for it. It is as old as they are, also through full refreshes. #}
{{ config(materialized='view') }}

with

versions as (

    select * from {{ known_versions(ref('person_ids')) }}

)

select
    project_id,
    identifier_kind,
    identifier,
    identifier_key,
    valid_from,
    valid_to,
    person_id,
    known_from,
    known_to
from versions
