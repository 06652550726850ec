"""A JSON column holds what was sent, whatever the rows before it held at the same path."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.macros.harness import Macros, query

MACROS = Macros()
# Exact as a double: where a path has lists of fractions, larger ones in lists are rounded (docs/tracking-plan.md).
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-(2**53), 2**53, allow_subnormal=False)
TEXTS = st.sampled_from(["", "x", "true", "1", "2026-01-05T10:00:00Z", "2026-01-05", 'é\n"\\\u0000'])
VALUES = st.recursive(
    NUMBERS | TEXTS | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), VALUES | st.none(), max_size=3)


def read_back(objects: list[Any]) -> list[Any]:
    """The objects as the column has them, of one block of rows."""
    literal = MACROS.call("string_literal", json.dumps(objects))
    column = MACROS.call("json_object", "text")
    rows = query(f"""
        select toJSONString({column}) as object
        from (select arrayJoin(JSONExtractArrayRaw({literal})) as text)
        settings {MACROS.call("setting_list", MACROS.call("json_settings"))}
    """)
    return [json.loads(row["object"]) for row in rows]


def kept(value: Any) -> Any:
    """What JSON columns keep of a value: no member that is null or empty. Booleans are no numbers."""
    if isinstance(value, dict):
        members = {name: kept(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member not in (None, {})}
    if isinstance(value, list):
        return [kept(member) for member in value]
    return str(value) if isinstance(value, bool) else value


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([[1, 2], [1, 2.5], [2.5, 1]], id="fractions after whole numbers"),
        pytest.param([["x"], [1, "x"], ["x", 1]], id="texts and numbers"),
        pytest.param([[1], [True], [1, True], ["x", True]], id="booleans"),
        pytest.param([[1], [1, {"b": 2}], [{"b": 2}, 1]], id="objects and numbers"),
        pytest.param([[[1]], [[1], "x"], [[1], [2.5, "x"]]], id="lists in lists"),
        pytest.param([[{"b": [1]}], [{"b": [1, "x"]}]], id="lists in objects in lists"),
        pytest.param([1, "1", 1.5, True, [1], {"b": 1}, None], id="any type"),
        pytest.param([2**63, [2**64 - 1], 2**53 + 1], id="large whole numbers"),
        pytest.param(["2026-01-05", "2026-01-05T10:00:00Z", ["2026-01-05 10:00:00"]], id="texts like times"),
    ],
)
def test_values_do_not_hang_on_those_before_them(values: list[Any]) -> None:
    objects = [{"a": value} for value in values]
    assert kept(read_back(objects)) == kept(objects)
    assert kept(read_back(objects[::-1])) == kept(objects[::-1])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(OBJECTS, min_size=2, max_size=12))
def test_any_objects_are_read_back_as_they_were_sent(objects: list[Any]) -> None:
    assert kept(read_back(objects)) == kept(objects)


@pytest.mark.parametrize("text", ["", "null", "5", "[1]", '"x"'])
def test_what_is_no_object_is_an_empty_one(text: str) -> None:
    column = MACROS.call("json_object", f"materialize({MACROS.call('string_literal', text)})")
    assert query(f"select toJSONString({column}) as object") == [{"object": "{}"}]
