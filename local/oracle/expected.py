"""The brute-force answers over one truth, each computed when it is first asked for."""

from collections.abc import Hashable
from functools import cached_property

from local.oracle.behaviour import Deed
from local.oracle.calendar import DAY_MS
from local.oracle.identity import Persons, resolve
from local.oracle.sessions import EventKey, Visit, key_of, sessionize
from local.simulator.truth import TrueEvent, Truth


class Expected:
    """What the warehouse should say of the truth. Persons and sessions have other names there."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth

    @cached_property
    def persons(self) -> Persons:
        return resolve(self.truth.events, self.truth.identities)

    @cached_property
    def person_of_event(self) -> dict[EventKey, str]:
        """The name of each event's person; '' is nobody."""
        return {key_of(event): self._person(event) for event in self.truth.events}

    @cached_property
    def visits(self) -> dict[EventKey, Visit]:
        return sessionize(self.truth.events)

    @cached_property
    def session_of_event(self) -> dict[EventKey, Hashable]:
        """The first event of each event's session; '' is none."""
        visits = self.visits
        return {key: visits[key].session if key in visits else "" for key in self.person_of_event}

    @cached_property
    def deeds(self) -> list[Deed]:
        """All events as the behaviour oracles read them."""
        return [_deed(event, self.person_of_event[key_of(event)]) for event in self.truth.events]

    @cached_property
    def human_deeds(self) -> list[Deed]:
        """What stock models read: without bots."""
        return [deed for deed, event in zip(self.deeds, self.truth.events, strict=True) if not event.is_bot]

    @cached_property
    def first_deeds_of_days(self) -> list[Deed]:
        """Of each person's UTC day the first of these: all that counting persons by day, week or month needs."""
        first: dict[Hashable, Deed] = {}
        for deed in self.human_deeds:
            day = (deed.project_id, deed.actor, deed.at_ms // DAY_MS)
            if day not in first or deed.at_ms < first[day].at_ms:
                first[day] = deed
        return list(first.values())

    def _person(self, event: TrueEvent) -> str:
        person = self.persons.person_of(event)
        return f"{person.project_id}/{person.name}" if person else ""


def _deed(event: TrueEvent, person: str) -> Deed:
    return Deed(event.project_id, event.event_id, event.event, event.occurred_at_ms, person)
