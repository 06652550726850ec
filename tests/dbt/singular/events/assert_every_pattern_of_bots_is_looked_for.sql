-- `names_a_bot` looks for so many patterns at most, and for no other.
with

patterns as (

    select count() as pattern_count from {{ ref('bot_user_agents') }}

)

select * from patterns
where pattern_count > {{ most_bot_patterns() }}
