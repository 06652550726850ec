{{
    config(
        schema='staging',
        materialized='versioned',
        keys=['device_key'],
        order_by=['project_id', 'device_id', 'valid_from'],
        row_key=['device_key', 'valid_from'],
        dirty='{{ contradicted_devices() }}',
        prepare=[
            ['sightings', '{{ sightings_to_keep() }}'],
            ['users', '{{ device_users() }}'],
            ['devices', '{{ devices_to_own() }}'],
            ['resets', '{{ device_resets() }}'],
            ['holders', '{{ device_holders() }}'],
            ['contested', '{{ contested_devices() }}'],
            ['logins', '{{ contested_logins() }}'],
        ],
    )
}}

with

devices as (

    select * from {{ prepared('devices', devices_to_own()) }}

),

resets as (

    select * from {{ prepared('resets', device_resets()) }}

),

holders as (

    select * from {{ prepared('holders', device_holders()) }}

),

contested as (

    select * from {{ prepared('contested', contested_devices()) }}

),

logins as (

    select * from {{ prepared('logins', contested_logins()) }}

),

uncontested_takeovers as (

    select
        devices.project_id as project_id,
        devices.device_key as device_key,
        devices.device_id as device_id,
        {{ beginning_of_time() }} as valid_from,
        holders.user_id as owner_user_id,
        false as is_kiosk,
        if(
            owner_user_id != '',
            {{ user_node('owner_user_id') }},
            {{ anonymous_node('devices.device_id', beginning_of_time()) }}
        ) as node
    from devices
    left any join holders on devices.device_key = holders.device_key
    where devices.device_key not in (select contested.device_key from contested)

),

epochs as (

    select
        project_id,
        device_key,
        device_id,
        {{ beginning_of_time() }} as epoch_start_at
    from devices
    where device_key in (select contested.device_key from contested)
    union distinct
    select
        project_id,
        device_key,
        device_id,
        occurred_at
    from resets

),

moments as (

    -- Of several users at one instant the last in bytes has the device from then on.
    select
        logins.device_key as device_key,
        epochs.epoch_start_at as epoch_start_at,
        logins.occurred_at as login_at,
        min(logins.user_id) as first_user_id,
        max(logins.user_id) as last_user_id,
        groupUniqArray(logins.user_id) as user_ids
    from logins
    asof join epochs
        on
            logins.device_key = epochs.device_key
            and logins.occurred_at >= epochs.epoch_start_at
    group by device_key, epoch_start_at, login_at

),

claims as (

    select
        device_key,
        epoch_start_at,
        arraySort(groupArray((login_at, last_user_id))) as owners,
        argMin(first_user_id, login_at) as first_owner,
        length(groupUniqArrayArray(user_ids)) as user_count
    from moments
    group by device_key, epoch_start_at

),

claimed_epochs as (

    select
        epochs.*,
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
    left join claims using (device_key, epoch_start_at)

),

takeovers as (

    select * from uncontested_takeovers
    union all
    select
        project_id,
        device_key,
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
            partition by device_key order by valid_from
        ) as node_before
    from takeovers

),

changes as (

    select * from compared
    where node != node_before

)

select
    project_id,
    device_key,
    device_id,
    valid_from,
    leadInFrame(valid_from, 1, {{ end_of_time() }}) over (
        partition by device_key
        order by valid_from
        rows between unbounded preceding and unbounded following
    ) as valid_to,
    owner_user_id,
    node,
    is_kiosk
from changes
