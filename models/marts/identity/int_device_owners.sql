{{ config(schema='staging', order_by=['project_id', 'device_id', 'valid_from']) }}

with

logins as (

    select * from {{ ref('int_device_logins') }} where not is_cancelled

),

epochs as (

    select * from {{ ref('int_device_epochs') }}

),

moments as (

    -- Of several users at one instant the last in bytes has the device from then on.
    select
        logins.project_id as project_id,
        logins.device_id as device_id,
        epochs.epoch_start_at as epoch_start_at,
        logins.occurred_at as login_at,
        min(logins.user_id) as first_user_id,
        max(logins.user_id) as last_user_id,
        groupUniqArray(logins.user_id) as user_ids
    from logins
    asof inner join epochs
        on
            logins.project_id = epochs.project_id
            and logins.device_id = epochs.device_id
            and logins.occurred_at >= epochs.epoch_start_at
    group by project_id, device_id, epoch_start_at, login_at

),

claims as (

    select
        project_id,
        device_id,
        epoch_start_at,
        arraySort(groupArray((login_at, last_user_id))) as owners,
        argMin(first_user_id, login_at) as first_owner,
        length(groupUniqArrayArray(user_ids)) as user_count
    from moments
    group by project_id, device_id, epoch_start_at

),

claimed_epochs as (

    select
        project_id,
        device_id,
        epoch_start_at,
        epochs.epoch_end_at as epoch_end_at,
        claims.user_count as user_count,
        user_count > {{ var('max_users_per_device') }} as is_kiosk,
        -- What happened before a login goes to the one who logs in.
        if(
            user_count = 0 or is_kiosk,
            [(epoch_start_at, '')],
            arrayConcat([(epoch_start_at, claims.first_owner)], claims.owners)
        ) as claims_in_order,
        arrayFilter(
            (claim, place) -> place = length(claims_in_order) or claim.1 < claims_in_order[place + 1].1,
            claims_in_order, arrayEnumerate(claims_in_order)
        ) as moments_in_order,
        arrayFilter(
            (claim, place) -> place = 1 or claim.2 != moments_in_order[place - 1].2,
            moments_in_order, arrayEnumerate(moments_in_order)
        ) as changes
    from epochs
    left join claims using (project_id, device_id, epoch_start_at)

),

segments as (

    select
        project_id,
        device_id,
        epoch_start_at,
        user_count,
        is_kiosk,
        change.1 as valid_from,
        if(place = length(changes), epoch_end_at, changes[place + 1].1) as valid_to,
        change.2 as owner_user_id
    from claimed_epochs
    array join changes as change, arrayEnumerate(changes) as place

)

select
    project_id,
    device_id,
    valid_from,
    valid_to,
    epoch_start_at,
    owner_user_id,
    if(
        owner_user_id != '', {{ user_node('owner_user_id') }}, {{ anonymous_node('device_id', 'epoch_start_at') }}
    ) as node,
    user_count,
    is_kiosk
from segments
