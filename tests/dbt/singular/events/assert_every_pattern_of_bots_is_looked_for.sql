-- `is_bot` looks for so many patterns at most, and as many names beside them.
with

patterns as (

    select
        count() as pattern_count,
        length(arrayFlatten(groupArray(splitByChar('|', but_not)))) as name_count
    from {{ ref('bot_user_agents') }}

)

select * from patterns
where greatest(pattern_count, name_count) > {{ most_bot_patterns() }}
