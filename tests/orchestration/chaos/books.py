"""What is held against a warehouse after the kills: another one that was made from the same topics without any."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from clickhouse_connect.driver.client import Client

from loaders.audit import audit
from loaders.settings import Settings
from loaders.streams import Stream
from orchestration.lib.loads import broken

# Say when and by which run a row was made, and so differ between any two runs.
OF_THE_RUN = ("loaded_at", "run", "run_id", "closed", "finished_at", "last_run", "updated_at", "computed_at")
# Histories of runs, which are never rebuilt: two ways to one state tell two stories.
LEDGERS = (
    "mart_status", "restatements", "identity_changes", "session_id_map", "current_session_ids", "person_id_history",
    "live_state",
)  # fmt: skip
# Tells how late records landed, and two warehouses land them at two times.
OF_LANDING = ("event_lateness",)
RAW_COLUMNS = "topic, generation, partition, offset, payload, error_class, lane"


def differences(client: Client, killed: Settings, clean: Settings, target: Path) -> Iterator[str]:
    """Each raw table, and each model that the clean run of `target` has built, that is not the same in both."""
    for stream in Stream:
        sums = [_sum(client, f"{one.raw_database}.{stream}", RAW_COLUMNS) for one in (killed, clean)]
        if sums[0] != sums[1]:
            yield f"raw.{stream}: {sums[0][0]} rows instead of {sums[1][0]}, or others"
    for schema, name in models(target):
        there = [f"{database(one, schema)}.{name}" for one in (killed, clean)]
        shared = columns(client, there[1])
        sums = [_sum(client, table, ", ".join(f"`{column}`" for column in shared)) for table in there]
        if sums[0] != sums[1]:
            yield f"{schema}.{name}: {sums[0][0]} rows instead of {sums[1][0]}, or others"


def rows_compared(client: Client, clean: Settings, target: Path) -> int:
    tables = [f"{database(clean, schema)}.{name}" for schema, name in models(target)]
    return sum(int(client.query(f"select count() from {table}").result_rows[0][0]) for table in tables)


def models(target: Path) -> list[tuple[str, str]]:
    """(`staging` or `marts`, name) of every relation that dbt has built there, but for the ledgers."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    results = json.loads((target / "run_results.json").read_text())["results"]
    # Exposures have results too, and are no nodes.
    built = [nodes[result["unique_id"]] for result in results if result["unique_id"] in nodes]
    return sorted(
        ("marts" if node["schema"].startswith("marts") else "staging", node["name"])
        for node in built
        if node["resource_type"] in ("model", "seed")
        and node["config"]["materialized"] not in ("ephemeral", "ledger", "dictionary", "turning_dictionary")
        and node["name"] not in (*LEDGERS, *OF_LANDING)
    )


def database(settings: Settings, schema: str) -> str:
    return settings.marts_database if schema == "marts" else settings.staging_database


def columns(client: Client, table: str) -> list[str]:
    schema, name = table.split(".")
    rows = client.query(
        f"select name from system.columns where database = '{schema}' and table = '{name}' order by position"
    ).result_rows
    return [column for (column,) in rows if column not in OF_THE_RUN]


def overlaps(client: Client, killed: Settings) -> Iterator[str]:
    """Each pair of runs of the models, or of loads, that sent queries at the same time: seen by the server itself."""
    client.command("system flush logs")
    ways = {
        # As dbt's comment says it. Whoever asks for the lock reads the table of its holder too, and is no such run.
        "models": f'extract(query, \'"run": "{killed.staging_database}.lock_models_([0-9]+)"\')',
        "load": f"extract(query_id, 'throughline:{killed.raw_database}:([0-9a-f]+):')",
    }
    for what, run in ways.items():
        rows = client.query(
            f"select {run} as run, min(query_start_time_microseconds) as first, max(event_time_microseconds) as last "
            "from system.query_log where query_kind not in ('KillQuery', 'Drop') and user in ('dbt', 'loader') "
            "and run != '' and query not like '%system.query_log%' "
            "group by run order by first"
        ).result_rows
        for (earlier, _, last), (later, first, _) in pairwise(rows):
            if first < last:
                yield f"{what}: {later} began {(last - first).total_seconds():.2f} s before {earlier} ended"


def lost_or_doubled(killed: Settings) -> list[str]:
    return broken(audit(killed))


def _sum(client: Client, table: str, selected: str) -> tuple[int, int]:
    [(count, total)] = client.query(
        f"select count(), sum(cityHash64(formatRow('JSONEachRow', {selected}))) from {table}"
    ).result_rows
    return int(count), int(total)
