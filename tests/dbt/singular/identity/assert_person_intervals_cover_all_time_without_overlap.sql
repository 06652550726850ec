with

intervals as (

    select
        project_id,
        identifier_kind,
        identifier,
        valid_from,
        valid_to,
        leadInFrame(valid_from, 1, {{ end_of_time() }}) over identifier as next_valid_from,
        row_number() over identifier as place
    from {{ rows_beside_those_to_test(ref('person_ids'), ['project_id', 'identifier_kind', 'identifier']) }}
    window identifier as (
        partition by project_id, identifier_kind, identifier
        order by valid_from
        rows between unbounded preceding and unbounded following
    )

)

select *
from intervals
where
    valid_to != next_valid_from
    or valid_from >= valid_to
    or (place = 1 and valid_from != {{ beginning_of_time() }})
