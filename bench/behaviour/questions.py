"""What is asked: the macros as analysts call them, and what they are compared with."""

from dataclasses import dataclass

from tests.macros.harness import Macros

STEPS = ["view_item", "add_to_cart", "begin_checkout", "purchase"]
WEEK_MS = 7 * 24 * 3_600_000


@dataclass(frozen=True)
class Question:
    """One query. `peer` names the question whose time it is compared with."""

    name: str
    sql: str
    peer: str = ""
    rounds: int = 3


def questions() -> list[Question]:
    macros = Macros(persons_have_names=False)

    def asked(macro: str, *arguments: object, columns: str = "*", **named: object) -> str:
        return f"select {columns} from {macros.call(macro, *arguments, **named)}"

    any_event = {"event": "*"}
    removed = [{"event": "remove_from_cart"}]
    return [
        Question("windowFunnel by hand", WINDOW_FUNNEL),
        Question("funnel", asked("funnel", STEPS), peer="windowFunnel by hand"),
        Question(
            "funnel, entered only",
            asked("funnel", STEPS, columns="step_number, entered"),
            peer="windowFunnel by hand",
        ),
        Question("funnel, exclusion", asked("funnel", STEPS, exclude=removed), peer="windowFunnel by hand"),
        Question("funnel, held property", asked("funnel", STEPS, hold_constant=["item_id"]), "windowFunnel by hand", 1),
        Question("self-join", SELF_JOIN, peer="funnel", rounds=1),
        Question("retention, weekly", asked("retention", any_event, any_event, period="week", periods=13)),
        Question("lifecycle, weekly", asked("lifecycle", period="week")),
        Question("paths of depth 5", asked("paths"), rounds=1),
        Question("active users from events", asked("active_users")),
    ]


# A mart is a table of what its macro answers; these are the reads of a dashboard.
MARTS = {
    "active_users_daily": "active users from events",
    "retention_weekly": "retention, weekly",
    "funnel_purchase": "funnel",
    "paths_session": "paths of depth 5",
}

WINDOW_FUNNEL = f"""
select level, count() as persons
from (
    select
        project_id,
        person_id,
        windowFunnel({WEEK_MS}, 'strict_once')(
            toUInt64(toUnixTimestamp64Milli(occurred_at)),
            event = 'view_item', event = 'add_to_cart', event = 'begin_checkout', event = 'purchase'
        ) as level
    from fct_events
    where event in ('view_item', 'add_to_cart', 'begin_checkout', 'purchase') and person_id != ''
    group by project_id, person_id
)
group by level
order by level
"""


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
            and later.occurred_at <= earlier.first_at + toIntervalMillisecond({WEEK_MS})
        group by person_id, first_at
    )"""


SELF_JOIN = f"""
with
    step_1 as (
        select distinct person_id, occurred_at as first_at, occurred_at as step_at
        from fct_events
        where event = 'view_item'
    ),
    {",".join(_joined(number, event) for number, event in enumerate(STEPS[1:], start=2))}
select 1 as step_number, uniqExact(person_id) as entered from step_1
union all select 2, uniqExact(person_id) from step_2
union all select 3, uniqExact(person_id) from step_3
union all select 4, uniqExact(person_id) from step_4
"""
