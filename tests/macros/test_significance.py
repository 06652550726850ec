"""`significance` equals the textbook formulas, and Fisher's test the exact sum over all tables."""

from fractions import Fraction
from math import comb, erfc, sqrt
from typing import Any

import pytest

from tests.macros.harness import Macros, RaisedByMacroError, execute, query

MACROS = Macros()
TABLES = [(10, 100, 20, 100), (0, 50, 5, 60), (7, 12, 3, 15), (500, 10_000, 560, 10_000), (5, 5, 0, 4), (3, 9, 3, 9)]


def funnel_result(converted: int, entered: int, breakdown: str = "") -> str:
    """The rows of a funnel of three steps."""
    rows = ", ".join(
        f"('p', '{breakdown}', {number}, {count})" for number, count in enumerate((entered, converted, converted), 1)
    )
    structure = "project_id String, breakdown String, step_number UInt32, entered UInt64"
    return f"(select * from values('{structure}', {rows}))"


def ask(table: tuple[int, int, int, int], **arguments: Any) -> dict[str, Any]:
    converted_a, n_a, converted_b, n_b = table
    (row,) = query(
        MACROS.call("significance", funnel_result(converted_a, n_a), funnel_result(converted_b, n_b), **arguments)
    )
    return row


def fisher(converted_a: int, n_a: int, converted_b: int, n_b: int) -> float:
    converted = converted_a + converted_b
    ways = {
        k: Fraction(comb(n_a, k) * comb(n_b, converted - k), comb(n_a + n_b, converted))
        for k in range(max(0, converted - n_b), min(n_a, converted) + 1)
    }
    return float(sum(share for share in ways.values() if share <= ways[converted_a]))


@pytest.mark.parametrize("table", TABLES)
def test_the_z_test_pools_the_rates_and_the_interval_does_not(table: tuple[int, int, int, int]) -> None:
    converted_a, n_a, converted_b, n_b = table
    rate_a, rate_b, pooled = converted_a / n_a, converted_b / n_b, (converted_a + converted_b) / (n_a + n_b)
    error = sqrt(rate_a * (1 - rate_a) / n_a + rate_b * (1 - rate_b) / n_b)
    z = abs(rate_b - rate_a) / sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    row = ask(table)
    assert (row["n_a"], row["n_b"]) == (n_a, n_b)
    assert row["difference"] == pytest.approx(rate_b - rate_a)
    assert row["ci_low"] == pytest.approx(rate_b - rate_a - 1.959963984540054 * error)
    assert row["ci_high"] == pytest.approx(rate_b - rate_a + 1.959963984540054 * error)
    assert row["p_value"] == pytest.approx(erfc(z / sqrt(2)), rel=1e-6)


@pytest.mark.parametrize("table", TABLES)
def test_fishers_test_is_exact(table: tuple[int, int, int, int]) -> None:
    assert ask(table, method="fisher")["p_value"] == pytest.approx(fisher(*table), rel=1e-6)


@pytest.mark.parametrize("method", ["two_proportion_z", "fisher"])
def test_nobody_on_one_side_tells_nothing(method: str) -> None:
    row = ask((0, 0, 3, 9), method=method)
    assert (row["difference"], row["p_value"]) == (None, None)


@pytest.mark.parametrize("method", ["two_proportion_z", "fisher"])
def test_a_side_without_a_row_is_nobody(method: str) -> None:
    both = funnel_result(3, 9, "new")
    old, new = ({"funnel": both, "breakdown": value} for value in ("old", "new"))
    for a, b, n_a, n_b in ((old, new, 0, 9), (new, old, 9, 0)):
        (row,) = query(MACROS.call("significance", a, b, method=method))
        assert row == {
            "project_id": "p", "difference": None, "ci_low": None, "ci_high": None, "p_value": None,
            "n_a": n_a, "n_b": n_b,
        }  # fmt: skip
    assert query(MACROS.call("significance", old, old, method=method)) == []


def test_a_step_that_a_funnel_does_not_have_is_an_error() -> None:
    assert ask(TABLES[0], step=3) == ask(TABLES[0])
    sql = MACROS.call("significance", funnel_result(1, 10), funnel_result(2, 10), step=4)
    with pytest.raises(RuntimeError, match=r"significance\(\): argument `step` is 4; allowed: a step of both funnels"):
        execute(f"select * from {sql}")


def test_two_values_of_one_breakdown_can_be_compared() -> None:
    both = f"(select * from {funnel_result(1, 10, 'old')} union all select * from {funnel_result(4, 10, 'new')})"
    (row,) = query(
        MACROS.call("significance", {"funnel": both, "breakdown": "old"}, {"funnel": both, "breakdown": "new"}, step=2)
    )
    assert row["difference"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"method": "guess"}, '`method` is "guess"; allowed: one of two_proportion_z, fisher', id="method"),
        pytest.param({"step": 1}, "`step` is 1; allowed: a whole number from 2 up", id="the first step"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RaisedByMacroError) as raised:
        ask(TABLES[0], **arguments)
    assert f"significance(): argument {message}" in str(raised.value)
