"""The plan grows while events are there: 600 more columns, one of them deep, and an event with a new name. Some go.

So does the project, by the funnel that CONTRIBUTING.md has as an example.
"""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from loaders.settings import PROJECT_DIR
from local.plan.sync import PLAN, sync
from tests.scenarios.conftest import VARIABLES, Marts
from tests.support.dbt import copy_project, run_dbt
from tests.support.landing import land

MODELS = ("+fct_events", "+property_drift", "+unplanned_events", "+event_lateness", "person_ids", "int_device_owners")
NO_LONGER_PLANNED = ("user_agent", "utm_source", "utm_medium", "utm_campaign")
FUNNEL = "models/marts/funnels/funnel_of_the_recipe"
TESTS = ("assert_models_follow_the_tracking_plan", "fits_the_plan_fct_events_cart_total")
EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("Order Completed", {"cart": {"total": "12.5"}, "page": "/a", "generated": {"n599": 1}}),
    ("purchase", {"cart": {"total": 3}, "page": {"not": "a text"}}),
    ("purchase", {"cart": {"total": "many"}, "page": ["/b"], "value": {"not": "a number"}}),
    ("purchase", {"cart": None, "value": "nan"}),
    ("tapped", {"where": [1, 2]}),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the dbt project, whose plan may be changed."""
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def grown(marts: Marts, project: Path) -> Marts:
    """Events, built by the plan as it is and then by the plan as it grew."""
    payloads = [
        {"event_id": f"e{number}", "event": event, "timestamp": 1_767_225_600_000, "device_id": "d", "properties": has}
        for number, (event, has) in enumerate(EVENTS)
    ]
    land(marts.client, marts.settings.raw_database, {"events": payloads})
    marts.build(" ".join(MODELS), tests=False)
    with (project / PLAN).open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    rows = [row for row in rows if row[1] not in NO_LONGER_PLANNED]
    for row in rows:
        if (row[0], row[1]) == ("purchase", ""):
            row[header.index("renamed_from")] = "Order Completed"
    common = ["shop", "live", "none", "2026-01-01", "Made by a test.", "", ""]
    rows.append(["purchase", "cart.total", "Nullable(Decimal(18,4))", "cart_total", *common])
    rows += [["*", f"generated.n{number}", "Nullable(Float64)", f"n_{number}", *common] for number in range(600)]
    with (project / PLAN).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    sync(project)
    [recipe] = re.findall(r"```sql\n(.*funnel\(.*?)```", (PROJECT_DIR / "CONTRIBUTING.md").read_text(), re.DOTALL)
    (project / f"{FUNNEL}.sql").write_text(recipe)
    run_dbt(
        marts.settings, "build", "--project-dir", str(project), "--profiles-dir", str(project),
        "--vars", json.dumps(VARIABLES), "--select", *MODELS, *TESTS, Path(FUNNEL).name,
        "--indirect-selection", "empty", "--exclude-resource-type", "unit_test", target=project,
    )  # fmt: skip
    return marts


def test_a_new_column_is_filled_in_all_of_history(grown: Marts) -> None:
    rows = grown.rows("SELECT toString(cart_total) AS total, n_599, n_0 FROM {marts}.fct_events ORDER BY event_id")
    assert [row["total"] for row in rows] == ["12.5", "3", None, None, None]
    assert [row["n_599"] for row in rows] == [1, None, None, None, None]
    assert [row["n_0"] for row in rows] == [None] * 5


def test_a_renamed_event_bears_its_new_name_in_all_of_history(grown: Marts) -> None:
    rows = grown.rows("SELECT event, count() AS events FROM {marts}.fct_events GROUP BY event ORDER BY event")
    assert rows == [{"event": "purchase", "events": 4}, {"event": "tapped", "events": 1}]


def test_a_value_of_another_type_is_drift_and_no_failure(grown: Marts) -> None:
    rows = grown.rows("""
        SELECT property, values_by_type, null_share, conflict_count, toUInt8(is_planned) AS is_planned
        FROM {marts}.property_drift
        WHERE event = 'purchase' AND property IN ('cart.total', 'page', 'value')
        ORDER BY property
    """)
    assert [tuple(row.values()) for row in rows] == [
        ("cart.total", {"number": 1, "text": 2}, 0.25, 2, 1),
        ("page", {"array": 1, "object": 1, "text": 1}, 0.25, 2, 1),
        ("value", {"object": 1, "text": 1}, 0.5, 2, 1),
    ]


def test_an_event_that_is_not_planned_is_listed(grown: Marts) -> None:
    rows = grown.rows("SELECT event, event_count, properties FROM {marts}.unplanned_events")
    assert rows == [{"event": "tapped", "event_count": 1, "properties": ["where"]}]


def test_lateness_is_known_by_topic_and_day(grown: Marts) -> None:
    rows = grown.rows("SELECT way_point, event_count, late_1d_share FROM {marts}.event_lateness ORDER BY way_point")
    assert [(row["way_point"], row["event_count"]) for row in rows] == [("kafka", 5), ("loaded", 5)]


def test_a_funnel_is_made_as_the_recipe_says(grown: Marts) -> None:
    rows = grown.rows("SELECT step_name, entered FROM {marts}.funnel_of_the_recipe ORDER BY step_number")
    assert rows == [{"step_name": "sign_up", "entered": 0}, {"step_name": "purchase", "entered": 0}]
