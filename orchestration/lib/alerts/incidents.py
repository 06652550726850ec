"""Incidents, and what is new about them since the last look. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """One look: what is wrong, by key, in words; and of what nothing can be said, since it is under way."""

    wrong: Mapping[str, str] = field(default_factory=dict)
    unknown: Collection[str] = ()

    def __or__(self, other: "Seen") -> "Seen":
        return Seen({**self.wrong, **other.wrong}, {*self.unknown, *other.unknown})


@dataclass(frozen=True)
class Changes:
    """What somebody has to be told, and what they know afterwards."""

    began: Mapping[str, str]
    ended: Mapping[str, str]
    known: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.began or self.ended)


def changes(known: Mapping[str, str], seen: Seen) -> Changes:
    """Compare what somebody was told with what is seen now. An incident that goes on is no news, whatever its words."""
    began = {key: text for key, text in seen.wrong.items() if key not in known}
    ended = {key: text for key, text in known.items() if key not in seen.wrong and key not in seen.unknown}
    going_on = {key: text for key, text in known.items() if key not in ended}
    return Changes(began, ended, {**going_on, **began})


def subject(news: Changes) -> str:
    """One line: what began, or that all is well again."""
    count = len(news.began)
    if not count:
        return f"Throughline: over: {', '.join(news.ended)}"
    first = next(iter(news.began))
    return f"Throughline: {first}" + (f" and {count - 1} more" if count > 1 else "")


def body(news: Changes, *, pages: str) -> str:
    """What began with its words, what is over, what goes on."""
    parts = [f"{key}\n  {text}" for key, text in news.began.items()]
    parts += [f"over: {key}" for key in news.ended]
    going_on = [key for key in news.known if key not in news.began]
    if going_on:
        parts.append(f"known before and not over: {', '.join(going_on)}")
    if pages:
        parts.append(pages)
    return "\n".join(parts)
