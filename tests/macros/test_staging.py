"""Staging compiles without a warehouse, which `bench/models/flatten.py` measures it by."""

from tests.macros.harness import PROJECT_DIR, Macros


def test_staged_events_are_compiled_with_a_plan_of_ones_own() -> None:
    text = (PROJECT_DIR / "models/staging/raw/stg_raw__events.sql").read_text()
    plan = [{"property": "cart.size", "column": "cart_size", "type": "Nullable(Int64)"}]
    sql = Macros({"planned_properties": plan}).render(text, config=lambda **_: "")
    assert "from raw_events" in sql
    assert "as cart_size" in sql
