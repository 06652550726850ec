-- Whoever is active on a day is active in the week and in the four weeks that end with it.
select
    project_id,
    period_start,
    dau,
    wau,
    mau
from {{ ref('active_users_daily') }}
where dau > wau or wau > mau
