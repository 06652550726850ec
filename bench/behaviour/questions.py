"""What is asked: the macros as analysts call them, and what they are compared with."""

from dataclasses import dataclass

from self_join import FUNNEL_BY_SELF_JOIN, RETENTION_BY_SELF_JOIN

from tests.macros.harness import Macros

STEPS = ["view_item", "add_to_cart", "begin_checkout", "purchase"]
WEEK_MS = 7 * 24 * 3_600_000
BY_HAND = "windowFunnel by hand"


@dataclass(frozen=True)
class Question:
    """One query. `peer` names the question whose CPU it is compared with; `aim` is in seconds."""

    name: str
    sql: str
    peer: str = ""
    rounds: int = 3
    aim: float | None = None


def questions() -> list[Question]:
    macros = Macros(persons_have_names=False)

    def asked(macro: str, *arguments: object, columns: str = "*", **named: object) -> str:
        return f"select {columns} from {macros.call(macro, *arguments, **named)}"

    any_event = {"event": "*"}
    removed = [{"event": "remove_from_cart"}]
    # As the stock marts ask: of the days of identifiers, in place of their events.
    days = {"events": "int_active_days"}
    return [
        Question(BY_HAND, WINDOW_FUNNEL),
        Question("funnel", asked("funnel", STEPS), peer=BY_HAND, aim=5),
        Question("funnel, entered only", asked("funnel", STEPS, columns="step_number, entered"), peer=BY_HAND),
        Question("funnel, exclusion", asked("funnel", STEPS, exclude=removed), peer=BY_HAND, aim=15),
        Question("funnel, held property", asked("funnel", STEPS, hold_constant=["item_id"]), peer=BY_HAND, aim=15),
        Question("funnel_persons", STEP_TIMES.format(asked("funnel_persons", STEPS)), peer=BY_HAND),
        Question("retention, weekly", asked("retention", any_event, any_event, period="week", periods=13), aim=6),
        Question("lifecycle, weekly", asked("lifecycle", period="week")),
        Question("paths of depth 5", asked("paths"), aim=15),
        Question("active users from events", asked("active_users")),
        Question("active users from days", asked("active_users", **days), peer="active users from events"),
        Question("trends, daily", asked("trends", "*", measure=["total", "persons", "sessions"], breakdown="event")),
    ]


def self_joins() -> list[Question]:
    return [
        Question("funnel by self-join", FUNNEL_BY_SELF_JOIN, rounds=1),
        Question("retention by self-join", RETENTION_BY_SELF_JOIN, rounds=1),
    ]


# The stock marts: each is a table of what its macro answers. These are the reads of a dashboard.
def marts() -> dict[str, str]:
    macros = Macros(persons_have_names=False)
    any_event = {"event": "*"}
    days = {"events": "int_active_days"}
    calls = {
        "active_users_daily": macros.call("active_users", **days),
        "lifecycle_weekly": macros.call("lifecycle", period="week", **days),
        "stickiness_weekly": macros.call("stickiness", period="week", **days),
        "retention_daily": macros.call("retention", any_event, any_event, period="day", periods=31, **days),
        "retention_weekly": macros.call("retention", any_event, any_event, period="week", periods=13, **days),
        "retention_monthly": macros.call("retention", any_event, any_event, period="month", periods=13, **days),
        "funnel_purchase": macros.call("funnel", STEPS),
        "paths_session": macros.call("paths", top=200),
        "trends_daily": macros.call("trends", "*", measure=["total", "persons", "sessions"], breakdown="event"),
    }
    return {mart: f"select * from {call}" for mart, call in calls.items()}


def of_a_sample(share: int) -> dict[str, str]:
    """The macros over one in so many people, as those who cannot answer for all are asked."""
    macros, where = Macros(persons_have_names=False), f"cityHash64(person_id) % {share} = 0"
    any_event = {"event": "*"}
    calls = {
        "funnel": macros.call("funnel", STEPS, where=where),
        "retention": macros.call("retention", any_event, any_event, period="week", periods=13, where=where),
        "active_users": macros.call("active_users", where=where),
    }
    return {name: f"select * from {call}" for name, call in calls.items()}


# The levels and nothing else, with the look-up of persons that the macro has.
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

# When each person did each step, without sending millions of rows to a client.
STEP_TIMES = "select level, count() as persons, max(step_at[-1]) as last_at from ({}) group by level"
