"""However many properties come, a part has few columns of them, and each is found."""

from tests.scenarios.conftest import Marts
from tests.support.landing import land


def test_many_properties_make_few_columns(marts: Marts) -> None:
    at = "2026-03-02T12:00:00Z"
    properties = {f"p_{number}": number for number in range(300)}
    event = {"event_id": "full", "event": "see", "timestamp": at, "device_id": "phone", "properties": properties}
    land(marts.client, marts.settings.raw_database, {"events": [event]})
    marts.build("+fct_events", tests=False)
    [found] = marts.rows(
        "SELECT length(JSONDynamicPaths(properties)) AS columns, length(JSONAllPaths(properties)) AS paths,"
        f" {' + '.join(f'properties.p_{number}.:Int64' for number in range(300))} AS total FROM {{marts}}.fct_events"
    )
    assert found == {"columns": 128, "paths": 300, "total": sum(range(300))}
