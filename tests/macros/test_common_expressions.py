"""What expressions given to a macro become: properties, numbers, persons, cohorts; and what is left alone."""

import json
from typing import Any

import pytest

from tests.macros.harness import Macros, RaisedByMacroError, create_events, create_persons, query

MACROS = Macros({"planned_properties": [{"property": "page", "column": "page", "type": "String"}]})


def compiled(text: str) -> str:
    call = MACROS.call("common_arguments", "trends", {})
    return str(MACROS.call("compile_expression", call, "where", text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("'properties.a'", id="a string"),
        pytest.param("'it''s properties.a'", id="a string with a doubled quote"),
        pytest.param(r"'it\'s properties.a'", id="a string with an escaped quote"),
        pytest.param('"properties.a"', id="a quoted name"),
        pytest.param("`number(properties.a)`", id="a backticked name"),
        pytest.param("$$properties.a$$", id="a heredoc"),
        pytest.param("$x$ ' properties.a $x$", id="a heredoc with a tag"),
        pytest.param("1 /* properties.a ' */", id="a comment"),
        pytest.param("my_properties.a", id="a longer name"),
        pytest.param("old.properties.a", id="a column of another relation"),
        pytest.param("properties.a.:Int64 > 1", id="a typed path of ClickHouse's own"),
        pytest.param("properties.ab.c.:String", id="a deep typed path"),
        pytest.param("properties.^a", id="a sub-object of ClickHouse's own"),
        pytest.param("properties", id="the column itself"),
        pytest.param("phone_number(properties)", id="another function"),
        pytest.param("person_id != ''", id="a column that begins like a word"),
        pytest.param("my_in_cohort('x')", id="a function that ends like a word"),
    ],
)
def test_what_is_no_property_is_not_touched(text: str) -> None:
    assert compiled(text) == text


def test_a_line_comment_cannot_swallow_what_follows() -> None:
    assert compiled("is_bot -- properties.a").endswith("properties.a\n")


@pytest.mark.parametrize("text", ["'open", '"open', "`open", "1 /* open", "'a' || 'b"])
def test_an_open_quote_or_comment_is_an_error(text: str) -> None:
    with pytest.raises(RaisedByMacroError, match="quotes and comments are closed"):
        compiled(text)


def test_a_planned_property_is_its_column() -> None:
    assert compiled("properties.page = 'properties.page'") == "page = 'properties.page'"


@pytest.mark.parametrize(
    ("kind", "value", "number"),
    [
        pytest.param("Bool", "true", None, id="a flag"),
        pytest.param("Nullable(Bool)", "NULL", None, id="no flag"),
        pytest.param("Nullable(Date32)", "'2026-01-01'", None, id="a day"),
        pytest.param("Nullable(DateTime64(3, 'UTC'))", "'2026-01-01 10:00:00'", None, id="a time"),
        pytest.param("Array(String)", "['7']", None, id="a list"),
        pytest.param("LowCardinality(String)", "'7.5'", 7.5, id="a text"),
        pytest.param("Nullable(Decimal(18, 2))", "'7.5'", 7.5, id="a decimal"),
    ],
)
def test_a_planned_property_of_any_type_is_a_number_or_none(kind: str, value: str, number: float | None) -> None:
    macros = Macros({"planned_properties": [{"property": "planned", "column": "planned", "type": kind}]})
    call = macros.call("common_arguments", "trends", {})
    sql = macros.call("compile_expression", call, "where", "number(properties.planned)")
    (row,) = query(f"select {sql} as number, toTypeName(number) as type from (select {value}::{kind} as planned)")
    assert row == {"number": number, "type": "Nullable(Float64)"}


def test_a_cohort_is_a_look_up_of_the_actor() -> None:
    assert compiled("in_cohort('vip')") == "(project_id, person_id) in (select project_id, actor from cohort_vip)"


# What a property holds, its text, and its number.
VALUES: list[tuple[Any, str, float | None]] = [
    ("x", "x", None),
    ("", "", None),
    (None, "", None),
    (0, "0", 0),
    (7, "7", 7),
    (-1.5, "-1.5", -1.5),
    (1.0, "1", 1),
    (0.1, "0.1", 0.1),
    (1e30, "1e30", 1e30),
    (1e-7, "1e-7", 1e-7),
    (9007199254740993, "9007199254740993", 9007199254740992),
    (18446744073709551615, "18446744073709551615", 1.8446744073709552e19),
    ("12.50", "12.50", 12.5),
    ("1e3", "1e3", 1000),
    ("nan", "nan", None),
    ("inf", "inf", None),
    ("-Infinity", "-Infinity", None),
    (True, "true", None),
    (False, "false", None),
    ("2026-01-01", "2026-01-01", None),
    ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", None),
    ([], "[]", None),
    ([1, 2], "[1,2]", None),
    (["x", 1, None], '["x",1,null]', None),
    ([{"k": 1}, {"k": "z"}], '[{"k":1},{"k":"z"}]', None),
    ({"k": 1, "l": {"m": "'\\\""}}, '{"k":1,"l":{"m":"\'\\\\\\""}}', None),
    ("q\0'\\\"`\n\u2028\U0001f600{{ 1 }}{% x %}--", "q\0'\\\"`\n\u2028\U0001f600{{ 1 }}{% x %}--", None),
]


def land(values: list[Any], **more: Any) -> None:
    create_events(
        {
            "event_id": f"{number:05}",
            "event": "seen",
            "occurred_at": "2026-01-01 00:00:00",
            "person_id": f"p{number}",
            "properties": {"a": value, "deep": {"er": value}},
        }
        for number, value in enumerate(values)
    )
    create_persons(
        {"project_id": "default", "person_id": f"p{number}", "properties": {"a": value, "deep": {"er": value}}}
        for number, value in enumerate(values)
    )


@pytest.mark.parametrize("path", ["properties.a", "properties.deep.er", "properties.`a`", "person.a", "person.deep.er"])
def test_a_property_of_any_type_is_text_or_a_number(path: str) -> None:
    land([value for value, _, _ in VALUES])
    call = MACROS.call("common_arguments", "trends", {})
    columns = {
        "text": MACROS.call("compile_expression", call, "x", path),
        "number": MACROS.call("compile_expression", call, "x", f"number({path})"),
    }
    rows = query(f"select event_id, text, number from {MACROS.call('event_rows', call, columns)} order by event_id")
    # JSON writes a whole Float64 like an integer.
    found = [(row["text"], None if row["number"] is None else float(row["number"])) for row in rows]
    assert found == [(text, number) for _, text, number in VALUES]


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("properties.a = 'x'", id="compared with a text"),
        pytest.param("properties.a not in ('US', '7')", id="not in"),
        pytest.param("number(properties.a) > 1", id="compared with a number"),
        pytest.param("properties.a like '%x%' or properties.missing = ''", id="like, missing"),
    ],
)
def test_no_type_makes_a_condition_fail(where: str) -> None:
    land([value for value, _, _ in VALUES])
    assert query(MACROS.call("funnel", ["seen"], where=where, breakdown="properties.a", attribution="all"))


def test_sums_and_groups_over_mixed_types_work() -> None:
    land([value for value, _, _ in VALUES])
    call = MACROS.call("common_arguments", "trends", {})
    columns = {
        "text": MACROS.call("compile_expression", call, "x", "properties.a"),
        "number": MACROS.call("compile_expression", call, "x", "number(properties.a)"),
    }
    rows = query(f"select text, sum(number) as total from {MACROS.call('event_rows', call, columns)} group by text")
    assert {row["text"]: row["total"] for row in rows}["7"] == 7


def test_a_colon_in_a_name_is_no_nesting() -> None:
    properties = {"a:b": "colon", "a": {"b": "nested"}, r"a\\": {"b": "both"}}
    create_events(
        [{"event_id": "1", "event": "seen", "occurred_at": "2026-01-01", "person_id": "p", "properties": properties}]
    )
    create_persons([{"project_id": "default", "person_id": "p", "properties": properties}])
    names = [f"{owner}.{path}" for owner in ("properties", "person") for path in ("`a:b`", "a.b", r"`a\\\\`.b")]
    (row,) = query(MACROS.call("trends", "seen", breakdown=names))
    assert row["breakdown_values"] == ["colon", "nested", "both"] * 2


def test_several_breakdowns_keep_their_values_apart() -> None:
    land(["x, y", "x"])
    sql = MACROS.call("funnel", ["seen"], breakdown=["properties.a", "person.deep.er", "properties.none"])
    found = {(row["breakdown"], json.dumps(row["breakdown_values"])) for row in query(sql)}
    assert found == {("x, y, x, y, ", '["x, y", "x, y", ""]'), ("x, x, ", '["x", "x", ""]')}


def test_a_column_of_the_relation_named_like_a_helper_is_not_hidden() -> None:
    land(["x", "y"])
    events = "(select *, event_id as actor, event_id as at, event_id as steps, event_id as breakdown from fct_events)"
    sql = MACROS.call("funnel", ["seen"], events=events, actor="actor", breakdown="at", where="steps != '00000'")
    assert [(row["breakdown"], row["entered"]) for row in query(sql)] == [("00001", 1)]
