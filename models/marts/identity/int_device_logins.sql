{{ config(schema='staging', order_by=['project_id', 'device_id', 'occurred_at', 'user_id']) }}

with

messages as (

    select * from {{ ref('stg_raw__identities') }}

),

logins as (

    select
        project_id,
        device_id,
        user_id,
        occurred_at
    from {{ ref('stg_raw__events') }}
    union all
    select
        project_id,
        device_id,
        user_id,
        occurred_at
    from messages
    where type in ('identify', 'alias')

),

distinct_logins as (

    select
        project_id,
        device_id,
        user_id,
        occurred_at
    from logins
    where device_id != '' and user_id != ''
    group by project_id, device_id, user_id, occurred_at

),

cancellations as (

    select
        project_id,
        device_id,
        user_id,
        max(occurred_at) as cancelled_until
    from messages
    where type = 'unmerge' and device_id != '' and user_id != ''
    group by project_id, device_id, user_id

)

select
    project_id,
    device_id,
    user_id,
    occurred_at,
    -- Where nothing was cancelled the joined time is 1970, before any login.
    occurred_at <= cancellations.cancelled_until as is_cancelled
from distinct_logins
left join cancellations using (project_id, device_id, user_id)
