"""Funnel and retention as generic dbt packages write them for any warehouse: the events joined with themselves.

Written anew after their pattern: one CTE for each step, the first matching event after the step before it; a cohort of
first events joined with all later ones, counted distinct. Projects are left out, of which there is one here.
"""

STEPS = ("view_item", "add_to_cart", "begin_checkout", "purchase")


def _joined(number: int, event: str) -> str:
    """The next step of every start: the earliest such event after the step before, within the window."""
    return f"""
    step_{number} as (
        select earlier.person_id as person_id, earlier.first_at as first_at, min(later.occurred_at) as step_at
        from step_{number - 1} as earlier
        inner join fct_events as later on earlier.person_id = later.person_id
        where
            later.event = '{event}'
            and later.occurred_at >= earlier.step_at
            and later.occurred_at <= earlier.first_at + interval 7 day
        group by person_id, first_at
    )"""


FUNNEL_BY_SELF_JOIN = f"""
with
    step_1 as (
        select distinct person_id, occurred_at as first_at, occurred_at as step_at
        from fct_events
        where event = '{STEPS[0]}'
    ),
    {",".join(_joined(number, event) for number, event in enumerate(STEPS[1:], start=2))}
select 1 as step_number, count(distinct person_id) as entered from step_1
union all select 2, count(distinct person_id) from step_2
union all select 3, count(distinct person_id) from step_3
union all select 4, count(distinct person_id) from step_4
"""

RETENTION_BY_SELF_JOIN = """
with
    first_events as (
        select person_id, toMonday(min(occurred_at)) as cohort_start
        from fct_events
        group by person_id
    ),
    later_events as (
        select person_id, toMonday(occurred_at) as active_week
        from fct_events
    )
select
    first_events.cohort_start as cohort_start,
    intDiv(dateDiff('day', first_events.cohort_start, later_events.active_week), 7) as period_number,
    count(distinct first_events.person_id) as returned
from first_events
inner join later_events on first_events.person_id = later_events.person_id
where period_number < 13
group by cohort_start, period_number
"""
