{#
    The devices whose owners have to be derived again: never seen before, named by a reset or an unmerge, having lost a
    login, or having a new one of a user who does not own the device at that time by what stands. The usual login, of who
    owns the device already, changes nothing and is not among them.
#}
{% macro contradicted_devices() -%}
    with

    sightings as (

        {{ changed_sightings() }}

    ),

    standing as (

        select device_key, valid_from, owner_user_id, is_kiosk
        from {{ data_of(this) }}
        where closed = 0 and device_key in (select sightings.device_key from sightings)

    )

    select sightings.device_key as device_key
    from sightings
    asof left join standing
        on
            sightings.device_key = standing.device_key
            and sightings.occurred_at >= standing.valid_from
    where
        sightings.contradicts
        -- The first segment of a device begins before any event, so that only a device that is new finds none.
        or standing.device_key = 0
        or (sightings.user_id != '' and not standing.is_kiosk and standing.owner_user_id != sightings.user_id)
{%- endmacro %}


{#
    What a run learned of devices: who was seen on each ('' for nobody), and whether that alone is a reason to derive its
    owners again.
#}
{% macro changed_sightings() -%}
    select
        owner_key as device_key,
        user_id,
        occurred_at,
        sum(change) < 0 as contradicts
    from {{ changes_of(ref('int_events_sessionized')) }}
    where device_id != ''
    group by device_key, user_id, occurred_at
    having sum(change) != 0
    union all
    select named.1, named.2, occurred_at, named.3
    from {{ changes_of(ref('stg_raw__identities')) }}
    array join [
        (
            if(device_id = '', 0, device_key),
            if(type in ('identify', 'alias') and change > 0, user_id, ''),
            change < 0 or type not in ('identify', 'alias')
        ),
        (if(previous_device_id = '', 0, previous_device_key), '', false)
    ] as named
    where named.1 != 0
{%- endmacro %}
