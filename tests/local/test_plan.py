"""The tracking plan: what is wrong with a line is one line, and what is made of it is up to date."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml

from loaders.envelope import EPOCH_MS, ISO_TIME
from loaders.settings import PROJECT_DIR
from local.plan.errors import PlanError
from local.plan.plan import HEADER, TYPES, Plan
from local.plan.sync import MACRO, PLAN, out_of_date, sync
from tests.macros.harness import Macros, Row, query

Line = dict[str, str]
MODELS = Path("models/marts/events/_events__models.yml")


def line(**cells: str) -> Line:
    """A line of the plan that is right, but for the given cells."""
    right = {
        "event": "seen", "property": "a", "type": "String", "column": "a", "owner": "shop", "status": "live",
        "pii": "none", "since": "2026-01-31", "description": "What is seen.", "renamed_from": "",
        "conversion": "",
    }  # fmt: skip
    return {**right, **cells}


def event(name: str, renamed_from: str = "") -> Line:
    return line(event=name, property="", type="", column="", renamed_from=renamed_from)


def written(path: Path, *lines: Line) -> Path:
    rows = [HEADER, *(tuple(one[cell] for cell in HEADER) for one in lines)]
    path.write_text("".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows))
    return path


@pytest.fixture
def plan_of(tmp_path: Path) -> Callable[..., Plan]:
    return lambda *lines: Plan.read(written(tmp_path / "plan.csv", *lines), reserved={"event_id"})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of the size that `sync` needs, with an empty plan."""
    for path in (PLAN, MACRO, MODELS):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / MODELS).write_text((PROJECT_DIR / MODELS).read_text())
    written(tmp_path / PLAN)
    return tmp_path


def test_what_is_made_of_the_plan_is_up_to_date() -> None:
    assert list(out_of_date(PROJECT_DIR)) == []


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param([line(type="Text")], ":2: type 'Text' of a; it must be one of String; ", id="unknown type"),
        pytest.param([line(), line(property="b")], ":3: b as a String, but line 2 has a as a", id="a column twice"),
        pytest.param([line(), line(event="x", column="b")], ":3: a as b String, but line 2", id="a property twice"),
        pytest.param([line(), line(event="x", type="Bool")], ":3: a as a Bool, but line 2 has a as a", id="two types"),
        pytest.param([line(column="event_id")], ":2: column 'event_id' of a is one that events or", id="reserved"),
        pytest.param([line(column="A b")], ":2: column 'A b'; it must be of lower-case", id="a column with a blank"),
        pytest.param([line(property="a'b")], """:2: property "a'b"; it must be a name or a path""", id="a quote"),
        pytest.param([line(property="a..b")], ":2: property 'a..b'; it must be a name or a path", id="an empty step"),
        pytest.param(
            [line(), line(property="a.b", column="b")], ":3: a.b lies inside a of line 2", id="inside of another"
        ),
        pytest.param([line(), line()], ":3: a of seen stands in line 2 already", id="a line twice"),
        pytest.param([event("seen"), event("seen")], ":3: event seen stands in line 2 already", id="an event twice"),
        pytest.param([line(status="old")], ":2: status 'old'; it must be one of planned, live", id="unknown status"),
        pytest.param([line(pii="?")], ":2: pii '?'; it must be one of none, ", id="unknown PII class"),
        pytest.param([line(since="31.1.")], ":2: since '31.1.'; it must be a date such as", id="no date"),
        pytest.param([line(owner="")], ":2: an owner and a description must be there", id="no owner"),
        pytest.param([line(event="")], ":2: no event; name one, or *", id="no event"),
        pytest.param([line(renamed_from="b")], ":2: renamed_from belongs to the line of the event", id="misplaced"),
        pytest.param(
            [event("b", "a"), event("c", "a")], ":3: the old name 'a' stands in line 2 too", id="an old name twice"
        ),
        pytest.param([event("a"), event("b", "a")], ":3: the old name 'a' stands in line 2 too", id="old and present"),
        pytest.param([event("a", "a")], ":2: the old name 'a' stands in line 2 too", id="renamed to itself"),
    ],
)
def test_a_wrong_plan_is_one_line_that_says_where(
    plan_of: Callable[..., Plan], lines: list[Line], message: str
) -> None:
    with pytest.raises(PlanError) as error:
        plan_of(*lines)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wrong_header_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("event,property\n")
    with pytest.raises(PlanError, match=r"plan\.csv:1: the header is 'event,property'; it must be"):
        Plan.read(tmp_path / "plan.csv")


def test_a_property_of_several_events_is_one_column(plan_of: Callable[..., Plan]) -> None:
    (column,) = plan_of(line(event="seen"), line(event="bought")).columns
    assert column.events == ["seen", "bought"]


def test_a_line_makes_a_typed_described_and_tested_column(project: Path) -> None:
    written(
        project / PLAN, line(property="cart.total", column="cart_total", type="Nullable(Decimal(18,4))", pii="personal")
    )
    assert sync(project) == [MODELS, MACRO]
    assert sync(project) == []
    models = {model["name"]: model for model in yaml.safe_load((project / MODELS).read_text())["models"]}
    columns = {column["name"]: column for column in models["fct_events"]["columns"]}
    made = columns["cart_total"]
    assert made["data_type"] == "Nullable(Decimal(18, 4))"
    assert made["description"] == "What is seen."
    assert made["config"]["meta"]["property"] == "cart.total"
    assert made["config"]["meta"]["pii"] == "personal"
    assert made["data_tests"] == ["fits_the_plan"]
    assert "page" not in columns


@pytest.mark.parametrize(
    "column",
    [
        pytest.param("session_id", id="of the contract"),
        *("place", "change", "has_session", "session_owner", "each", "alike", "losers", "read_state"),
        *("distinct", "all", "top", "not", "null", "true", "nan", "on", "no"),
    ],
)
def test_a_column_that_the_models_know_otherwise_is_reserved(project: Path, column: str) -> None:
    written(project / PLAN, line(column=column))
    with pytest.raises(PlanError, match=f"column '{column}' of a is one that events or SQL have already"):
        sync(project)


def test_600_planned_columns_are_made(project: Path) -> None:
    written(project / PLAN, *(line(property=f"p.{n}", column=f"p_{n}") for n in range(600)))
    sync(project)
    assert out_of_date(project) == {}


VALUES = [
    "1", "1.5", "-3", '"1"', '"abc"', "true", '"false"', "null", "[1]", '["a"]', '{"a":1}', '"2026-01-31"',
    '"2026-01-31T10:00:00.123Z"', "1767225600123", '"nan"', "1e300", '""', '"12.345678"', "9223372036854775808",
    '"2026-01-31 23:30:00-05:00"', '"20260131"', '"10:00"', '" 12"', '"Jan 31"', '"31.01.2026"', '"2026-02-30"',
    '"2026-13-01"', '"0000-00-00"', '"0001-01-01"', '"20260231"', '"2026-1-5"', '"2026/01/05"',
]  # fmt: skip
FITTING: dict[str, list[object]] = {
    "String": ["1", "1.5", "-3", "1", "abc", "true", "false", "", "[1]", '["a"]', '{"a":1}', "2026-01-31"],
    "Bool": [True, False, False, True, False, True, False, False, False, False, False, False],
    "Nullable(Bool)": [True, None, None, True, None, True, False, None, None, None, None, None],
    "Nullable(Int64)": [1, None, -3, 1, None, None, None, None, None, None, None, None],
    "Nullable(UInt64)": [1, None, None, 1, None, None, None, None, None, None, None, None],
    "Nullable(Float64)": [1, 1.5, -3, 1, *[None] * 9, 1767225600123, None, 1e300, None, 12.345678],
    "Nullable(Decimal(18, 4))": [1, 1.5, -3, 1, None, None, None, None, None, None, None, None],
    "Nullable(Date32)": [*[None] * 11, *["2026-01-31"] * 2, *[None] * 6, *["2026-01-31"] * 2, *[None] * 5],
    # What is no time would be one of the present year.
    "Nullable(DateTime64(3, 'UTC'))": [
        *["1970-01-01 00:00:00.001"] * 2, "1969-12-31 23:59:59.997", "1970-01-01 00:00:00.001", *[None] * 7,
        "2026-01-31 00:00:00.000", "2026-01-31 10:00:00.123", "2026-01-01 00:00:00.123", *[None] * 3,
        "1970-01-01 00:00:00.012", None, "2026-02-01 04:30:00.000", "1970-01-01 05:37:40.131", *[None] * 5,
    ],
    "Array(String)": [[], [], [], [], [], [], [], [], ["1"], ["a"], [], []],
}  # fmt: skip


def flattened(plan: list[dict[str, str]], properties: Iterable[str]) -> list[Row]:
    """The planned columns of each of these JSON objects, and `lost`, those that `fits_the_plan` would tell."""
    macros = Macros({"planned_properties": plan})
    lost = ", ".join(f"if({macros.call('is_lost', one, 'properties')}, '{one['column']}', '')" for one in plan)
    return query(f"""
        select * except properties, arrayFilter(column -> column != '', [{lost}]) as lost
        from ({staged(macros, properties)})
        settings {macros.call("setting_list", macros.call("json_settings"))}
    """)


def staged(macros: Macros, properties: Iterable[str]) -> str:
    """The planned columns of each of these JSON objects, and themselves, as SQL."""
    payload = macros.call("stepped_payload")
    envelope = macros.call("envelope", ["event_id"], more=[macros.call("planned_members")], payload=payload)
    payloads = macros.call("string_literals", [f'{{"properties":{one}}}' for one in properties])
    return f"""
        select
            {macros.call("planned_values", "envelope.properties")},
            {macros.call("json_object", "JSONExtractRaw(payload, 'properties')")} as properties
        from (select {envelope} as envelope, payload from (select arrayJoin([{payloads}]) as payload))
    """


@pytest.mark.parametrize("type_", TYPES)
def test_no_value_of_any_type_makes_a_column_fail(type_: str) -> None:
    plan = [{"property": "a.b", "column": "a_b", "type": type_}]
    rows = flattened(plan, [f'{{"a":{{"b":{value}}}}}' for value in VALUES])
    assert len(rows) == len(VALUES)
    expected = FITTING.get(type_, [])
    assert [row["a_b"] for row in rows][: len(expected)] == expected
    assert [value for value, row in zip(VALUES, rows, strict=True) if row["lost"]] == []


NESTED = {
    "cart.total": "Nullable(Float64)", "cart.id": "String", "cart.size": "Nullable(Int64)", "cart.is_gift": "Bool",
    "cart.tags": "Array(String)", "shop.é.city": "LowCardinality(String)",
}  # fmt: skip


@pytest.mark.parametrize(
    ("properties", "columns"),
    [
        pytest.param('{"cart.total":12.5,"cart.size":3}', {"cart_total": 12.5, "cart_size": 3}, id="a dot in the key"),
        pytest.param(
            '{"cart.tags":["a",1],"cart.is_gift":true}', {"cart_tags": ["a", "1"], "cart_is_gift": True}, id="any type"
        ),
        pytest.param(
            '{"cart.total":2,"cart":{"total":1,"id":"i"}}', {"cart_total": 2, "cart_id": "i"}, id="equal paths"
        ),
        pytest.param(
            '{"shop":{"\\u00e9.city":"Bonn"}}', {"shop_e_city": "Bonn"}, id="a dot further in, an escaped letter"
        ),
        pytest.param('{"shop.é":{"city":"Bonn"}}', {"shop_e_city": "Bonn"}, id="an object in a key with a dot"),
        pytest.param('{"cart.html":1,"cart":{"id":"\\u0000\\"😀"}}', {"cart_id": '\0"😀'}, id="an odd text"),
        pytest.param('{"cart":[12.5,3]}', {}, id="a list is no object"),
        pytest.param('{"cart":[{"id":"i"}]}', {}, id="nor is one of objects"),
        pytest.param('{"shop":{"é":["Bonn"]}}', {}, id="nor one further in"),
        pytest.param('{"cart":[12.5],"cart":{"total":1}}', {}, id="nor a list and an object"),
    ],
)
def test_a_path_leads_through_objects_however_they_are_written(properties: str, columns: dict[str, object]) -> None:
    plan = [
        {"property": path, "column": path.replace(".", "_").replace("é", "e"), "type": type_}
        for path, type_ in NESTED.items()
    ]
    (row,) = flattened(plan, [properties])
    assert {column: value for column, value in row.items() if value} == columns


@pytest.mark.parametrize("type_", TYPES)
def test_a_path_has_a_column_of_its_planned_type(type_: str) -> None:
    macros = Macros({"planned_properties": [{"property": "a.b", "column": "a_b", "type": type_}]})
    assert query(f"select toTypeName(a_b) as type from ({staged(macros, ['{}'])})") == [{"type": type_}]


def test_a_plan_without_paths_parses_the_payload_as_it_is() -> None:
    assert (
        Macros({"planned_properties": [{"property": "a", "column": "a", "type": "String"}]}).call("stepped_payload")
        == "payload"
    )


def test_a_planned_time_is_written_as_the_loaders_take_times() -> None:
    assert Macros().call("iso_time") == ISO_TIME
    assert Macros().call("epoch_milliseconds") == EPOCH_MS


def test_each_column_holds_its_own_property_however_they_lie_in_one_another() -> None:
    properties = ["page", "cart.size", "value", "cart.owner.name", "cart.id"]
    plan = [{"property": name, "column": name.replace(".", "_"), "type": "String"} for name in properties]
    payload = {"page": "/", "value": "v", "cart": {"id": "i", "size": "s", "owner": {"name": "n"}}}
    assert flattened(plan, [json.dumps(payload)]) == [
        {"page": "/", "cart_size": "s", "value": "v", "cart_owner_name": "n", "cart_id": "i", "lost": []}
    ]


def test_an_event_that_was_renamed_bears_its_new_name(tmp_path: Path) -> None:
    from local.plan.generated import macro

    plan = Plan.read(written(tmp_path / "plan.csv", event("order's \\ done", "Order Completed|заказ"), event("seen")))
    macros = Macros()
    macros.define(macro(plan))
    rows = query(
        f"select {macros.call('planned_event', 'name')} as event "
        "from (select arrayJoin(['Order Completed', 'заказ', 'seen', 'other']) as name)"
    )
    assert [row["event"] for row in rows] == ["order's \\ done", "order's \\ done", "seen", "other"]
