"""Raw records of March 2026: events at noon, and an hour later what is said of who is who."""

from typing import Any

BOT = {"user_agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}


def event(project: str, event_id: str, day: int, name: str = "see", *, minute: int = 0, **more: Any) -> dict[str, Any]:
    at = f"2026-03-{day:02}T12:{minute:02}:00Z"
    return {"event_id": event_id, "event": name, "timestamp": at, "project_id": project, **more}


def message(project: str, event_id: str, kind: str, day: int, **more: Any) -> dict[str, Any]:
    at = f"2026-03-{day:02}T13:00:00Z"
    return {"event_id": event_id, "type": kind, "timestamp": at, "project_id": project, **more}
