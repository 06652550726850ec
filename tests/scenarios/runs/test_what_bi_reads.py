"""Whoever reads marts may read all of them, and nothing that they are made of by other ways."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.scenarios.conftest import Marts
from tests.support.clickhouse import connect
from tests.support.landing import land

EVENTS = [
    {"event_id": name, "event": "see", "timestamp": f"2026-03-02T{at}:00Z", "device_id": "phone", "user_id": user}
    for name, at, user in (("first", "12:00", None), ("second", "12:10", "ann"))
]


@pytest.fixture(scope="module")
def built(marts: Marts) -> Marts:
    land(marts.client, marts.settings.raw_database, {"events": EVENTS[:1]})
    marts.build("*", tests=False)
    land(marts.client, marts.settings.raw_database, {"events": EVENTS[1:]})
    return marts


def test_bi_reads_every_mart(built: Marts) -> None:
    views = built.rows("SELECT name FROM system.tables WHERE database = '{marts}' AND engine = 'View' ORDER BY name")
    unreadable = {}
    with connect(built.settings, "bi") as bi:
        for view in views:
            try:
                bi.query(f"SELECT * FROM {built.settings.marts_database}.{view['name']} LIMIT 1")
            except DatabaseError as error:
                unreadable[view["name"]] = str(error)[:300]
    assert len(views) > 30
    assert unreadable == {}


def test_bi_sees_what_has_landed_since(built: Marts) -> None:
    with connect(built.settings, "bi") as bi:
        rows = bi.query(
            f"SELECT event_id FROM {built.settings.marts_database}.events_live ORDER BY event_id"
        ).result_rows
        assert rows == [("first",), ("second",)]
        with pytest.raises(DatabaseError, match="Not enough privileges"):
            bi.query(f"SELECT payload FROM {built.settings.raw_database}.events")
