"""Short stories for rules: a line is an event, a query's answer is a few cells."""

from typing import Any

from tests.macros.harness import Macros, create_events, query

MACROS = Macros()
OWN = ("session", "project", "id", "identifier")


def seen(*lines: str) -> None:
    """Land events: `person event [day] time [key=value …]`, in January 2026; `-` is nobody.

    `session`, `project`, `id` and `identifier` are the event's own, other keys are properties.
    """
    create_events(_event(number, line.split()) for number, line in enumerate(lines))


def _event(number: int, words: list[str]) -> dict[str, Any]:
    person, event, *rest = words
    when = [word for word in rest if "=" not in word]
    given = dict(word.split("=", 1) for word in rest if "=" in word)
    day, time = when if len(when) == 2 else ("5", when[0])
    return {
        "event_id": given.get("id", f"e{number:02}"),
        "event": event,
        "occurred_at": f"2026-01-{int(day):02} {time if time.count(':') == 2 else time + ':00'}",
        "person_id": "" if person == "-" else person,
        "session_id": given.get("session", ""),
        "project_id": given.get("project", "default"),
        **({"identifier": given["identifier"]} if "identifier" in given else {}),
        "properties": {key: value for key, value in given.items() if key not in OWN},
    }


def told(macro: str, *arguments: Any, cells: str, where_rows: Any = None, **named: Any) -> list[Any]:
    """Some columns of an answer, in order of the answer's own keys; one column is no tuple."""
    columns = cells.split()
    rows = [row for row in query(MACROS.call(macro, *arguments, **named)) if where_rows is None or where_rows(row)]
    found = [tuple(_plain(row[column]) for column in columns) for row in rows]
    found.sort(key=lambda row: tuple((cell is not None, cell) for cell in row))
    return [row[0] for row in found] if len(columns) == 1 else found


def entered(steps: list[Any], **named: Any) -> list[int]:
    """How many entered each step of a funnel."""
    return [count for _, count in told("funnel", steps, cells="step_number entered", **named)]


def path(steps: list[Any], **named: Any) -> list[list[str]]:
    """The event ids of each counted path."""
    return told("funnel_persons", steps, cells="event_ids", **named)


def _plain(cell: Any) -> Any:
    return int(cell) if isinstance(cell, str) and cell.isdigit() else cell
