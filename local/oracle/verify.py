"""Compare the warehouse with the brute force, question by question."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from local.oracle.comparison import Check
from local.oracle.evidence import Evidence
from local.oracle.questions.behaviour import (
    every_day_has_its_active_users,
    every_lifecycle_status_is_right,
    every_retention_cell_is_right,
    every_stickiness_is_right,
)
from local.oracle.questions.facts import (
    every_event_has_its_person,
    every_event_has_its_session,
    every_event_is_there_once,
    every_session_has_its_row,
)
from local.oracle.questions.funnels import every_funnel_step_is_right
from local.oracle.questions.persons import every_person_has_its_profile
from local.oracle.questions.records import all_records_landed_once

QUESTIONS: tuple[Callable[[Evidence], Check], ...] = (
    *(partial(all_records_landed_once, stream=stream) for stream in ("events", "identities", "people")),
    every_event_is_there_once,
    every_event_has_its_person,
    every_person_has_its_profile,
    every_event_has_its_session,
    every_session_has_its_row,
    every_funnel_step_is_right,
    every_day_has_its_active_users,
    every_retention_cell_is_right,
    every_lifecycle_status_is_right,
    every_stickiness_is_right,
)


def verify(evidence: Evidence) -> Iterator[Check]:
    """Ask every question in turn; a difference does not keep the later ones from being asked."""
    for question in QUESTIONS:
        started = time.monotonic()
        check = question(evidence)
        yield replace(check, seconds=time.monotonic() - started)
