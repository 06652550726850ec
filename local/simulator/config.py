"""Every knob of the simulator. Shares are between 0 and 1; all irregularities are above zero by default."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Self

from loaders.errors import ThroughlineError

DAY_MS = 86_400_000


class SimulatorOptionError(ThroughlineError):
    """An option that the simulator does not have, or a value outside its range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """What to simulate. The same configuration gives the same bytes."""

    # Size.
    seed: int = 1
    people: int = 20_000
    days: int = 60
    # Long past everywhere: a broker refuses records whose time lies ahead of its own clock.
    start: date = date(2025, 9, 1)
    # About how many clean events, 0 = events_per_person each.
    events: int = 0
    events_per_person: float = 30.0
    project_id: str = "default"

    # Who.
    registered_share: float = 0.5  # of people: have an account
    login_share: float = 0.45  # of signed-out visits of people with an account: log in
    logout_share: float = 0.08  # of signed-in visits: log out at the end (a reset)
    extra_devices: float = 0.6  # mean number of devices past the first (geometric, at most 5 in all)
    shared_device_share: float = 0.04  # of people: also use the device of someone else
    kiosks: int = 1  # devices in the shop itself
    kiosk_people: int = 30  # people who log in on each kiosk once
    second_account_share: float = 0.04  # of people with an account: have two
    bot_share: float = 0.005  # crawlers per person

    # Identity and people messages.
    identify_share: float = 0.7  # of logins: also send `identify` (else the event's two ids must do)
    alias_share: float = 0.1  # of those: send `alias` in its place
    merge_share: float = 0.7  # of second accounts: joined by `merge` or `alias` with previous_id
    device_merge_share: float = 0.01  # of people with several devices: two are merged
    mistaken_merge_share: float = 0.004  # of people with an account: merged with a stranger, then unmerged
    device_unmerge_share: float = 0.002  # of logins: taken back by `unmerge`
    profile_unset_share: float = 0.05  # of accounts: lose a profile property
    profile_delete_share: float = 0.01  # of accounts: are deleted

    # What events say.
    campaign_share: float = 0.25  # of visits: carry utm_*
    unknown_event_share: float = 0.01  # of page views: an event that nobody planned
    mixed_type_share: float = 0.05  # of carts: the quantity is text
    guarded_id_share: float = 0.003  # of events: an id such as 'null' or 'guest'

    # How they arrive.
    wrong_clock_share: float = 0.08  # of devices: minutes to days off, a few by ten years
    unstamped_share: float = 0.2  # of events: lack sent_at, received_at or both
    late_share: float = 0.05  # of visits and messages: delivered late
    late_minutes_min: float = 10.0  # the shortest delay of a late delivery
    late_days_max: float = 20.0  # the longest
    duplicate_share: float = 0.02  # of messages: delivered again
    conflict_share: float = 0.0003  # of events: the id comes again with another timestamp
    malformed_share: float = 0.002  # of records: cannot be used
    oversized_records: int = 2  # further events past 1 MiB

    def __post_init__(self) -> None:
        for name in (each.name for each in fields(self)):
            value = getattr(self, name)
            if name.endswith("_share") and not 0 <= value <= 1:
                raise SimulatorOptionError(f"simulate: {name}={value} must be between 0 and 1")
            if isinstance(value, float) and not math.isfinite(value):
                raise SimulatorOptionError(f"simulate: {name}={value} must be a number")
            if not name.endswith("_share") and isinstance(value, int | float) and value < 0:
                raise SimulatorOptionError(f"simulate: {name}={value} must not be negative")
        if self.people < 1 or self.days < 1:
            raise SimulatorOptionError("simulate: people and days must be at least 1")
        if not re.fullmatch(r"[\w.:-]+", self.project_id):
            raise SimulatorOptionError("simulate: project_id must be letters, digits, '_', '-', '.' or ':'")
        if self.late_minutes_min * 60_000 > self.late_days_max * DAY_MS or self.late_minutes_min <= 0:
            raise SimulatorOptionError("simulate: late_minutes_min must lie above 0 and below late_days_max")

    @property
    def start_ms(self) -> int:
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp()) * 1000

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.days * DAY_MS

    @property
    def target_events(self) -> int:
        return self.events or round(self.people * self.events_per_person)

    def with_options(self, options: Mapping[str, str]) -> Self:
        """A copy with some fields set from text, as `--set name=value` gives them."""
        kinds = {each.name: each.type for each in fields(self)}
        values: dict[str, int | float | str] = {}
        for name, text in options.items():
            if name not in kinds or name == "start":
                known = ", ".join(sorted(set(kinds) - {"start"}))
                raise SimulatorOptionError(f"simulate: no option {name}; there are {known}")
            try:
                values[name] = text if kinds[name] is str else kinds[name](text)  # type: ignore[operator]
            except ValueError as error:
                raise SimulatorOptionError(f"simulate: {name}={text} is not a number") from error
        return replace(self, **values)  # type: ignore[arg-type]
