{# A table between seed and dictionaries: a dictionary would keep a full refresh from dropping the seed. #}
{{ config(order_by=['kind', 'id']) }}

with

rules as (

    select
        *,
        JSONExtractKeysAndValues(members, 'String') as named
    from {{ ref('user_agent_rules') }}

)

select
    release,
    kind,
    toUInt64(number) as id,
    toUInt64(0) as parent_id,
    pattern as regexp,
    named.1 as member_names,
    named.2 as member_values
from rules
