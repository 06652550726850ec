{{ config(order_by=['project_id', 'identifier_kind', 'identifier', 'valid_from']) }}

with

members as (

    select * from {{ ref('int_person_members') }}

),

owners as (

    select * from {{ ref('int_device_owners') }}

),

users as (

    select
        project_id,
        'user' as identifier_kind,
        substring(node, 3) as identifier,
        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        person_id,
        is_set_aside
    from members
    where is_user

),

devices as (

    select
        owners.project_id as project_id,
        'device' as identifier_kind,
        owners.device_id as identifier,
        owners.valid_from as valid_from,
        owners.valid_to as valid_to,
        members.person_id as person_id,
        members.is_set_aside as is_set_aside
    from owners
    inner join members
        on owners.project_id = members.project_id and owners.node = members.node

),

united as (

    select * from users
    union all
    select * from devices

)

select
    project_id,
    identifier_kind::LowCardinality(String) as identifier_kind,
    identifier,
    {{ identifier_key('identifier_kind', 'identifier') }} as identifier_key,
    valid_from,
    valid_to,
    person_id,
    is_set_aside
from united
