"""A property that nobody planned is read as a column, through the macros on `fct_events`."""

from typing import Any

from tests.scenarios.conftest import Marts
from tests.support.landing import land

TREND = "trends('*', breakdown='properties.room.shade', where='number(properties.watts) > 3')"


def lamp(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    at = "2026-03-02T12:00:00Z"
    return {"event_id": name, "event": "see", "timestamp": at, "device_id": "phone", "properties": properties}


def test_free_properties_are_read_without_the_rest_of_the_properties(marts: Marts) -> None:
    events = [
        lamp("warm", {"room": {"shade": "warm"}, "watts": 5, "note": "one"}),
        lamp("cold", {"room": {"shade": "cold"}, "watts": 7.5, "note": "two"}),
        lamp("dark", {"room": {"shade": "cold"}, "watts": 3}),
    ]
    land(marts.client, marts.settings.raw_database, {"events": events})
    marts.build("+fct_events", tests=False)
    query = marts.builder.compiled(f"select * from {{{{ {TREND} }}}}")
    found = {row["breakdown"]: row["value"] for row in marts.client.query(query).named_results()}
    assert found == {"warm": 1, "cold": 1}
    plan = [line for (line,) in marts.client.query(f"explain actions = 1 {query}").result_rows]
    reads = [line.split(": ", 1)[1].split(", ") for line in plan if line.strip(" │├└─").startswith("Output: ")]
    columns = {column.strip() for columns in reads for column in columns}
    assert any(column.startswith("properties.room.shade") for column in columns)
    assert "properties" not in columns
