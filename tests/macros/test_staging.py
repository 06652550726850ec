"""Staging compiles without a warehouse, which `bench/models/flatten.py` measures it by."""

from loaders.envelope import envelope
from loaders.streams import Stream
from tests.macros.harness import PROJECT_DIR, Macros, query


def test_staged_events_are_compiled_with_a_plan_of_ones_own() -> None:
    text = (PROJECT_DIR / "models/staging/raw/stg_raw__events.sql").read_text()
    plan = [{"property": "cart.size", "column": "cart_size", "type": "Nullable(Int64)"}]
    sql = Macros({"planned_properties": plan}).render(text, config=lambda **_: "")
    assert "from raw_events" in sql
    assert "as cart_size" in sql


def test_models_read_the_envelope_as_the_check_does() -> None:
    # Of two same keys the first that is not null: a time that one reads and the other does not would be 1970.
    payload = '{"timestamp":null,"timestamp":1767225600000,"event_id":null,"device_id":7,"device_id":8,"user_id":"ada"}'
    fields = ["timestamp", "event_id", "device_id", "user_id"]
    read = {"models": Macros().call("envelope", fields), "check": envelope(Stream.EVENTS)}
    columns = [f"[{', '.join(f'{sql}.{field}' for field in fields)}] as {name}" for name, sql in read.items()]
    [row] = query(f"select {', '.join(columns)} from (select '{payload}' as payload)")
    assert row["models"] == row["check"] == ["1767225600000", "", "7", "ada"]
