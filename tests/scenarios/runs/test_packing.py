"""Texts and properties are packed tightly, what a run scans of all history loosely."""

from tests.scenarios.conftest import Marts


def test_what_a_run_scans_is_packed_loosely(marts: Marts) -> None:
    marts.build("+int_events_sessionized", tests=False)
    [table] = marts.rows(
        "SELECT engine_full FROM system.tables WHERE database = '{marts}' AND name = 'int_events_sessionized_data'"
    )
    assert "default_compression_codec = 'ZSTD(1)'" in table["engine_full"]
    codecs = {
        row["name"]: row["compression_codec"]
        for row in marts.rows(
            "SELECT name, compression_codec FROM system.columns"
            " WHERE database = '{marts}' AND table = 'int_events_sessionized_data'"
        )
    }
    loose = {name for name, codec in codecs.items() if codec == "CODEC(LZ4)"}
    assert {"run", "closed", "identifier_key", "owner_key", "occurred_at", "client_timestamp", "event"} <= loose
    assert {"event_id", "session_id", "properties", "received_at"}.isdisjoint(loose)
