"""What the oracle reads: clean events and identity messages, and how raw ones become clean."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar


class EventLike(Protocol):
    """What identity and sessions need of an event. `local.simulator.truth.TrueEvent` fits."""

    @property
    def project_id(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def occurred_at_ms(self) -> int: ...
    @property
    def device_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...


class MessageLike(EventLike, Protocol):
    """An identity message. `local.simulator.truth.TrueIdentity` fits."""

    @property
    def type(self) -> str: ...
    @property
    def previous_device_id(self) -> str: ...
    @property
    def previous_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Event:
    """One event. An absent id is ''."""

    event_id: str
    occurred_at_ms: int
    device_id: str = ""
    user_id: str = ""
    event: str = "page_view"
    project_id: str = "default"
    client_timestamp_ms: int = 0
    received_at_ms: int | None = None
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Message:
    """One identity message: identify, alias, merge, unmerge or reset. An absent id is ''."""

    type: str
    occurred_at_ms: int
    device_id: str = ""
    user_id: str = ""
    previous_id: str = ""
    previous_device_id: str = ""
    project_id: str = "default"
    event_id: str = ""
    client_timestamp_ms: int = 0
    received_at_ms: int | None = None
    payload: bytes = b""


Record = TypeVar("Record", Event, Message)


def without_copies(records: Iterable[Record]) -> list[Record]:
    """One record per (project, event id, client timestamp): the earliest received, then the smallest payload.

    A copy without `received_at` is kept only where none has one.
    """
    kept: dict[Hashable, Record] = {}
    for record in records:
        key = (record.project_id, record.event_id, record.client_timestamp_ms)
        if key not in kept or _preference(record) < _preference(kept[key]):
            kept[key] = record
    return list(kept.values())


def _preference(record: Event | Message) -> tuple[bool, int, bytes]:
    return (record.received_at_ms is None, record.received_at_ms or 0, record.payload)


def without_nobodies(records: Iterable[Record], *, guarded: Collection[str]) -> list[Record]:
    """The same records, where an identifier that is no one (`null`, `guest`, …) is absent. `guarded` is lower case."""
    return [_without_nobody(record, guarded) for record in records]


def _without_nobody(record: Record, guarded: Collection[str]) -> Record:
    def real(identifier: str) -> str:
        bare = identifier.strip(" \t\n\r\f\v").lower()
        return "" if bare in guarded or not bare else identifier

    record = replace(record, device_id=real(record.device_id), user_id=real(record.user_id))
    if isinstance(record, Message):
        record = replace(
            record, previous_id=real(record.previous_id), previous_device_id=real(record.previous_device_id)
        )
    return record
