{# A view: all logged-in events are logins; only those of contradicted devices are looked at again, by `device_key`. #}
{{ config(schema='staging', materialized='view') }}

with

messages as (

    select * from {{ ref('stg_raw__identities') }}

),

logins as (

    select
        project_id,
        owner_key as device_key,
        device_id,
        user_id,
        occurred_at
    from {{ ref('int_events_sessionized') }}
    where device_id != '' and user_id != ''
    union all
    select
        project_id,
        device_key,
        device_id,
        user_id,
        occurred_at
    from messages
    where type in ('identify', 'alias') and device_id != '' and user_id != ''

),

cancellations as (

    {{ device_cancellations() }}

)

select
    logins.*,
    -- Where nothing was cancelled the joined time is 1970, before any login.
    logins.occurred_at <= cancellations.cancelled_until as is_cancelled
from logins
left join cancellations using (device_key, user_id)
