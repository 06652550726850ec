{#
    Each device to derive the owners of, with each user that was seen on it ('' for sightings without one) and that user's
    last login on it.
#}
{% macro device_sightings() -%}
    select
        device_key,
        user_id,
        any(project_id) as project_id,
        any(device_id) as device_id,
        max(occurred_at) as last_login_at
    from (
        select owner_key as device_key, user_id, project_id, device_id, occurred_at
        from {{ ref('int_events_sessionized') }}
        where device_id != '' and {{ is_dirty('owner_key', 'device_key') }}
        union all
        select device_key, if(type in ('identify', 'alias'), user_id, ''), project_id, device_id, occurred_at
        from {{ ref('stg_raw__identities') }}
        where device_id != '' and {{ is_dirty('device_key') }}
        union all
        select previous_device_key, '', project_id, previous_device_id, occurred_at
        from {{ ref('stg_raw__identities') }}
        where previous_device_id != '' and {{ is_dirty('previous_device_key', 'device_key') }}
    )
    group by device_key, user_id
{%- endmacro %}


{% macro device_resets() -%}
    select project_id, device_key, device_id, occurred_at
    from {{ ref('stg_raw__identities') }}
    where type = 'reset' and device_id != '' and {{ is_dirty('device_key') }}
{%- endmacro %}


{# Who logged in on a device, and was not cancelled since. #}
{% macro device_holders() -%}
    with

    cancellations as (

        select device_key, user_id, max(occurred_at) as cancelled_until
        from {{ ref('stg_raw__identities') }}
        where type = 'unmerge' and device_id != '' and user_id != ''
        group by device_key, user_id

    )

    select
        sightings.device_key as device_key,
        sightings.user_id as user_id
    from {{ prepared('sightings', device_sightings()) }} as sightings
    left join cancellations using (device_key, user_id)
    -- Where nothing was cancelled the joined time is 1970, before any login.
    where user_id != '' and sightings.last_login_at > cancellations.cancelled_until
{%- endmacro %}


{# Of most devices the whole time is one user's, or nobody's; only the others need the order of their logins. #}
{% macro contested_devices() -%}
    select device_key
    from {{ prepared('holders', device_holders()) }}
    group by device_key
    having count() > 1
    union distinct
    select device_key
    from {{ prepared('resets', device_resets()) }}
{%- endmacro %}


{% macro contested_logins() -%}
    select device_key, user_id, occurred_at
    from {{ ref('int_device_logins') }}
    where not is_cancelled and device_key in (select device_key from {{ prepared('contested', contested_devices()) }})
{%- endmacro %}
