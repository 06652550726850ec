{{ config(schema='staging', order_by=['project_id', 'device_id', 'epoch_start_at']) }}

with

messages as (

    select * from {{ ref('stg_raw__identities') }}

),

starts as (

    select
        project_id,
        device_id,
        {{ beginning_of_time() }} as epoch_start_at
    from {{ ref('stg_raw__events') }}
    union all
    select
        project_id,
        arrayJoin([device_id, previous_device_id]) as device_id,
        {{ beginning_of_time() }}
    from messages
    union all
    select
        project_id,
        device_id,
        occurred_at
    from messages
    where type = 'reset'

),

distinct_starts as (

    select
        project_id,
        device_id,
        epoch_start_at
    from starts
    where device_id != ''
    group by project_id, device_id, epoch_start_at

)

select
    project_id,
    device_id,
    epoch_start_at,
    leadInFrame(epoch_start_at, 1, {{ end_of_time() }}) over (
        partition by project_id, device_id
        order by epoch_start_at
        rows between unbounded preceding and unbounded following
    ) as epoch_end_at
from distinct_starts
