"""Rows that a model keeps by person are the same, whichever way they came to be."""

from functools import partial

from tests.scenarios import records
from tests.scenarios.conftest import Marts
from tests.support.landing import land

event = partial(records.event, "rows", device_id="tablet")
# Sessions of ada, who was the last to log in on the tablet. Ben logs in during the last one.
OF_ADA = [
    event(f"{step} {day}", day, f"{step} {day}", minute=minute, user_id="ada" if day == 1 else "")
    for day in range(1, 9)
    for minute, step in enumerate(["begin", "end"])
]
LOGIN = event("login", 8, "login", minute=2, user_id="ben")
AT_ONCE = event("at once", 8, "look", minute=2, user_id="ben")
ROWS = """
    SELECT edges, milliseconds FROM {staging}.int_paths_session_persons
    WHERE project_id = 'rows' ORDER BY length(edges) DESC
"""


def test_a_session_of_two_persons_has_its_place_in_the_row_of_each(marts: Marts) -> None:
    """Events of ben at one time change how the session is read, and are nothing to the row of ada."""
    land(marts.client, marts.settings.raw_database, {"events": [*OF_ADA, LOGIN]})
    marts.build("+int_paths_session_persons", tests=False)
    [ada] = marts.rows(ROWS)
    land(marts.client, marts.settings.raw_database, {"events": [AT_ONCE]})
    for refresh in ([], ["--full-refresh"]):
        marts.builder.build(*refresh, "--select", "+int_paths_session_persons", "--indirect-selection", "cautious")
        assert marts.rows(ROWS) == [ada, {"edges": ["1 4 looklogin"], "milliseconds": [0]}]
