"""Each column is packed by what it holds: texts tightly, times by their bits, what a run scans loosely."""

from tests.scenarios.conftest import Marts


def test_each_column_is_packed_by_what_it_holds(marts: Marts) -> None:
    marts.build("+int_events_sessionized", tests=False)
    [table] = marts.rows(
        "SELECT engine_full FROM system.tables WHERE database = '{marts}' AND name = 'int_events_sessionized_data'"
    )
    assert "default_compression_codec = 'ZSTD(1)'" in table["engine_full"]
    assert "string_serialization_version = 'single_stream'" in table["engine_full"]
    assert "index_granularity = 1024" in table["engine_full"]
    assert "auto_statistics_types = ''" in table["engine_full"]
    codecs: dict[str, set[str]] = {}
    for row in marts.rows(
        "SELECT name, compression_codec FROM system.columns"
        " WHERE database = '{marts}' AND table = 'int_events_sessionized_data'"
    ):
        codecs.setdefault(row["compression_codec"], set()).add(row["name"])
    assert codecs["CODEC(T64, LZ4)"] >= {"occurred_at", "client_timestamp", "received_at", "offset"}
    assert codecs["CODEC(LZ4)"] >= {"run", "closed", "identifier_key", "owner_key", "event"}
    assert codecs[""] >= {"event_id", "session_id", "properties"}


def test_a_look_for_what_runs_changed_reads_the_granules_of_that_alone(marts: Marts) -> None:
    marts.build("+int_events_sessionized", tests=False)
    table = f"{marts.settings.marts_database}.int_events_sessionized_data"
    # A part of a hundred granules: a run wrote the first one, and closed a row in the middle.
    marts.client.command(f"""
        INSERT INTO {table} (project_id, identifier_key, occurred_at, event_id, run, closed)
        SELECT 'packed', number, '2026-03-02 12:00:00', toString(number),
            intDiv(number, 1024) % 100 = 0 ? 1000000 : 1, number = 50000 ? 1000000 : 0
        FROM numbers(102400) SETTINGS max_insert_block_size = 200000, min_insert_block_size_bytes = 0
    """)
    query = marts.client.query(f"SELECT count() FROM {table} WHERE run > 999999 OR closed > 999999")
    assert query.result_rows == [(1025,)]
    assert int(query.summary["read_rows"]) <= 3 * 1024
