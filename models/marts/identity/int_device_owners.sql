{{ config(schema='staging', order_by=['project_id', 'device_id', 'valid_from']) }}

with

logins as (

    select * from {{ ref('int_device_logins') }}
    where not is_cancelled

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
    asof join epochs
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
        claims.user_count > {{ var('max_users_per_device') }} as is_kiosk,
        -- What happened before a login goes to the one who logs in. A kiosk is nobody's.
        if(
            claims.user_count = 0 or is_kiosk,
            [(epoch_start_at, '')],
            arrayConcat(
                -- A login at the very start of its epoch leaves nothing to the owner before it.
                if(tupleElement(claims.owners[1], 1) > epoch_start_at, [(epoch_start_at, claims.first_owner)], []),
                claims.owners
            )
        ) as takeovers
    from epochs
    left join claims using (project_id, device_id, epoch_start_at)

),

takeovers as (

    select
        project_id,
        device_id,
        takeover.1 as valid_from,
        takeover.2 as owner_user_id,
        is_kiosk,
        if(
            owner_user_id != '', {{ user_node('owner_user_id') }}, {{ anonymous_node('device_id', 'epoch_start_at') }}
        ) as node
    from claimed_epochs
    array join takeovers as takeover

),

compared as (

    select
        *,
        lagInFrame(node, 1, '') over (
            partition by project_id, device_id order by valid_from
        ) as node_before
    from takeovers

),

changes as (

    select * from compared
    where node != node_before

)

select
    project_id,
    device_id,
    valid_from,
    leadInFrame(valid_from, 1, {{ end_of_time() }}) over (
        partition by project_id, device_id
        order by valid_from
        rows between unbounded preceding and unbounded following
    ) as valid_to,
    owner_user_id,
    node,
    is_kiosk
from changes
