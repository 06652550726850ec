{#
    The devices whose owners have to be derived again: never seen before, named by a reset or an unmerge, having lost a
    login, or having a new one of a user who does not own the device at that time by what stands. The usual login, of who
    owns the device already, changes nothing and is not among them.
#}
{% macro contradicted_devices() -%}
    with

    changed_logins as (

        select
            project_id,
            owner_key as device_key,
            user_id,
            occurred_at,
            sum(change) as change
        from {{ changes_of(ref('int_events_sessionized')) }}
        where device_id != ''
        group by project_id, device_key, user_id, occurred_at
        having change != 0

    ),

    changed_messages as (

        select * from {{ changes_of(ref('stg_raw__identities')) }}

    ),

    new_logins as (

        select device_key, user_id, occurred_at
        from changed_logins
        where change > 0 and user_id != ''
        union all
        select device_key, user_id, occurred_at
        from changed_messages
        where change > 0 and type in ('identify', 'alias') and device_id != '' and user_id != ''

    ),

    named as (

        select device_key
        from changed_logins
        union all
        select device_key
        from changed_messages
        where device_id != ''
        union all
        select previous_device_key
        from changed_messages
        where previous_device_id != ''

    ),

    standing as (

        select device_key, valid_from, owner_user_id, is_kiosk
        from {{ data_of(this) }}
        where closed = 0 and device_key in (select named.device_key from named)

    )

    select device_key
    from changed_logins
    where change < 0
    union all
    select device_key
    from changed_messages
    where device_id != '' and (change < 0 or type not in ('identify', 'alias'))
    union all
    select device_key
    from named
    where device_key not in (select standing.device_key from standing)
    union all
    select new_logins.device_key
    from new_logins
    asof inner join standing
        on
            new_logins.device_key = standing.device_key
            and new_logins.occurred_at >= standing.valid_from
    where not standing.is_kiosk and standing.owner_user_id != new_logins.user_id
{%- endmacro %}
