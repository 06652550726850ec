"""Each column is packed by what it holds: texts tightly, times by their bits, what a run scans loosely."""

from tests.scenarios.conftest import Marts


def test_each_column_is_packed_by_what_it_holds(marts: Marts) -> None:
    marts.build("+int_events_sessionized", tests=False)
    [table] = marts.rows(
        "SELECT engine_full FROM system.tables WHERE database = '{marts}' AND name = 'int_events_sessionized_data'"
    )
    assert "default_compression_codec = 'ZSTD(1)'" in table["engine_full"]
    assert "string_serialization_version = 'single_stream'" in table["engine_full"]
    codecs: dict[str, set[str]] = {}
    for row in marts.rows(
        "SELECT name, compression_codec FROM system.columns"
        " WHERE database = '{marts}' AND table = 'int_events_sessionized_data'"
    ):
        codecs.setdefault(row["compression_codec"], set()).add(row["name"])
    assert codecs["CODEC(T64, LZ4)"] >= {"occurred_at", "client_timestamp", "received_at", "offset"}
    assert codecs["CODEC(LZ4)"] >= {"run", "closed", "identifier_key", "owner_key", "event"}
    assert codecs[""] >= {"event_id", "session_id", "properties"}
