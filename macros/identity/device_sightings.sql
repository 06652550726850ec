{#
    Each sight of the devices to derive the owners of, with the user who was seen ('' for none). Where few devices are
    derived again their sights are kept, as reading them is what costs; of a whole build they would be a copy of history.
#}
{% macro device_sightings() -%}
    {{- return(working_table('sightings') if is_incremental_build() else '(' ~ sightings_to_read() ~ ')') -}}
{%- endmacro %}


{% macro sightings_to_keep() -%}
    {{- return(sightings_to_read() if is_incremental_build() else '') -}}
{%- endmacro %}


{% macro sightings_to_read() -%}
    select owner_key as device_key, user_id, occurred_at
    from {{ ref('int_events_sessionized') }}
    {#- Of few devices by key alone: keys are of devices, and to ask each event for its device's text costs twice that. #}
    where {{ is_dirty('owner_key', 'device_key') if is_incremental_build() else "device_id != ''" }}
    union all
    select device_key, if(type in ('identify', 'alias'), user_id, ''), occurred_at
    from {{ ref('stg_raw__identities') }}
    where device_id != '' and {{ is_dirty('device_key') }}
    union all
    select previous_device_key, '', occurred_at
    from {{ ref('stg_raw__identities') }}
    where previous_device_id != '' and {{ is_dirty('previous_device_key', 'device_key') }}
{%- endmacro %}


{# Each device with each user who was seen on it, and that user's last login on it. #}
{% macro device_users() -%}
    select
        device_key,
        user_id,
        max(occurred_at) as last_login_at
    from {{ device_sightings() }}
    group by device_key, user_id
{%- endmacro %}


{#
    Each device that is seen, with its project and the id that clients gave it. Of one that stands what stands says, so
    that a run reads these texts of new records only, and not of all sights of it.
#}
{% macro devices_to_own() -%}
    select
        device_key,
        any(project_id) as project_id,
        any(device_id) as device_id
    from (
        {%- if is_incremental_build() %}
        select device_key, project_id, device_id
        from {{ data_of(this) }}
        where closed = 0 and {{ is_dirty('device_key') }}
        union all
        {%- endif %}
        select owner_key as device_key, project_id, device_id
        from {{ records_to_name(ref('int_events_sessionized')) }}
        where device_id != '' and {{ is_dirty('owner_key', 'device_key') }}
        union all
        select named.1, project_id, named.2
        from {{ records_to_name(ref('stg_raw__identities')) }}
        array join [(device_key, device_id), (previous_device_key, previous_device_id)] as named
        where named.2 != '' and {{ is_dirty('named.1', 'device_key') }}
    )
    where device_key in (select device_key from {{ prepared('users', device_users()) }})
    group by device_key
{%- endmacro %}


{% macro records_to_name(relation) -%}
    {{- return(changes_of(relation) if is_incremental_build() else relation) -}}
{%- endmacro %}


{% macro device_resets() -%}
    select project_id, device_key, device_id, occurred_at
    from {{ ref('stg_raw__identities') }}
    where type = 'reset' and device_id != '' and {{ is_dirty('device_key') }}
{%- endmacro %}


{# Until when a user's logins on a device count for nothing. #}
{% macro device_cancellations() -%}
    select device_key, user_id, max(occurred_at) as cancelled_until
    from {{ ref('stg_raw__identities') }}
    where type = 'unmerge' and device_id != '' and user_id != ''
    group by device_key, user_id
{%- endmacro %}


{# Who logged in on a device, and was not cancelled since. #}
{% macro device_holders() -%}
    select
        users.device_key as device_key,
        users.user_id as user_id
    from {{ prepared('users', device_users()) }} as users
    left join ({{ device_cancellations() }}) as cancellations using (device_key, user_id)
    -- Where nothing was cancelled the joined time is 1970, before any login.
    where user_id != '' and users.last_login_at > cancellations.cancelled_until
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
    from
    {%- if is_incremental_build() %}
    (
        select sightings.*, sightings.occurred_at <= cancellations.cancelled_until as is_cancelled
        from {{ device_sightings() }} as sightings
        left join ({{ device_cancellations() }}) as cancellations using (device_key, user_id)
        where user_id != ''
    )
    {%- else %} {{ ref('int_device_logins') }}
    {%- endif %}
    where not is_cancelled and device_key in (select device_key from {{ prepared('contested', contested_devices()) }})
{%- endmacro %}
