select
    (select count() from {{ ref('stg_raw__events') }}) as staged,
    (select count() from {{ ref('fct_events') }}) as facts
where staged != facts
