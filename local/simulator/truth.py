"""What really happened, as the warehouse should know it: the side of the input that tests compare against.

`Truth` holds clean messages only: usable, one per distinct message, with the corrected time and without guarded
ids. `counts` says how the produced records come down to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """One event that a funnel may count. An absent or guarded id is ''."""

    project_id: str
    event_id: str
    event: str
    # Milliseconds since 1970, UTC: the client's time, corrected by received_at - sent_at of the kept copy.
    occurred_at_ms: int
    # The client's own time, uncorrected: with project and event_id it tells copies from conflicts.
    client_timestamp_ms: int
    device_id: str
    user_id: str
    # The being at the keyboard, whatever ids the event carries; '' where the input does not tell.
    human_id: str
    # The human's visit, or the session id that the source states; '' where there is none.
    visit_id: str
    # Only what a demo breaks down by or sums: item_id, value, utm_campaign, …
    properties: Mapping[str, Any]
    is_bot: bool


@dataclass(frozen=True, slots=True)
class TrueIdentity:
    """One identity message. An absent or guarded id is ''."""

    project_id: str
    event_id: str
    type: str  # identify | alias | merge | unmerge | reset
    occurred_at_ms: int
    device_id: str
    previous_device_id: str
    user_id: str
    previous_id: str


@dataclass(frozen=True, slots=True)
class TruePeopleMessage:
    """One message about a person's profile."""

    project_id: str
    event_id: str
    type: str  # set | set_once | increment | unset | delete
    occurred_at_ms: int
    user_id: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrueHuman:
    """One being and every id that is its own; a borrowed device stands with each of its humans, a kiosk with none."""

    human_id: str
    user_ids: tuple[str, ...]
    device_ids: tuple[str, ...]
    is_bot: bool


@dataclass(frozen=True, slots=True)
class TopicCounts:
    """How the records of one topic come down to clean messages.

    `records == clean + duplicates + sum(unusable.values())`; `kinds` are further counts that may overlap:
    late, conflicts, unknown_events, bots, guarded_ids, wrong_clocks, …
    """

    records: int
    clean: int
    duplicates: int
    unusable: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)

    @property
    def sidelined(self) -> int:
        return sum(self.unusable.values())


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything known about one input. `counts` has the keys `events`, `identities` and `people`."""

    events: list[TrueEvent]
    identities: list[TrueIdentity]
    people: list[TruePeopleMessage]
    humans: list[TrueHuman]
    counts: Mapping[str, TopicCounts]


def read_truth(folder: Path) -> Truth:
    """The truth of `throughline simulate --out FOLDER`; `folder` may also be its `truth/` itself.

    Raises ThroughlineError where the folder holds none.
    """
    from local.simulator.truth_files import load_truth

    return load_truth(folder)


def read_counts(folder: Path) -> Mapping[str, TopicCounts]:
    """Only `Truth.counts`, at once. Raises as `read_truth` does."""
    from local.simulator.truth_files import load_counts

    return load_counts(folder)
