{# The row versions of `person_ids`, which a full refresh keeps: nothing is written for it. #}
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
