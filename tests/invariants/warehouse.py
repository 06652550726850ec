"""A warehouse of one trial: raw tables to land in, dbt to build it, and its models to compare."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from clickhouse_connect.driver.client import Client

from loaders.settings import Settings
from tests.invariants.raw import Raw
from tests.invariants.relation import Fingerprint, Relation
from tests.support.builder import Builder, open_builder
from tests.support.databases import open_databases

# Never fully refreshed (ARCHITECTURE, invariant 4), so nothing to compare.
LEDGERS = {
    "restatements",
    "identity_changes",
    "session_id_map",
    "current_session_ids",
    # Shows raw beyond the last run; compared with the run after (live.py).
    "events_live",
    # Says how many runs there were.
    "live_state",
    "person_id_history",
    "person_lookup_history",
    "mart_status",
}
# Which record a row was made of; its lane first.
COORDINATES = "lane, topic, generation, partition, offset, replay_seq"
Row = tuple[Any, ...]
# Dictionaries are compared by the models that look things up in them: not each of them can be read as a table.
UNREADABLE = {"ephemeral", "dictionary", "turning_dictionary"}


@dataclass
class Warehouse:
    settings: Settings
    client: Client
    builder: Builder

    def __post_init__(self) -> None:
        self.raw = Raw(self.client, self.settings.raw_database)

    @cached_property
    def nodes(self) -> dict[str, Any]:
        """What the manifest says of each, by its unique id."""
        nodes: dict[str, Any] = json.loads(self.builder.manifest.read_text())["nodes"]
        return nodes

    def rows(self, sql: str) -> list[Row]:
        """Rows of a query in which {raw}, {staging} and {marts} stand for its databases, as the oracle asks."""
        named = sql.format(
            raw=self.settings.raw_database,
            staging=self.settings.staging_database,
            marts=self.settings.marts_database,
        )
        return [tuple(row) for row in self.client.query(named).result_rows]

    def last_run(self, model: str) -> int:
        """The last one that committed the model."""
        [(run,)] = self.rows(f"SELECT max(run) FROM {{marts}}.run_commits WHERE model = '{model}'")
        return int(run)

    def relations(self) -> list[Relation]:
        """What is compared: every model that is there, but the ledgers."""
        columns: dict[tuple[str, str], dict[str, str]] = {}
        for database, table, name, kind in self.client.query(
            "SELECT database, table, name, type FROM system.columns WHERE database IN {databases:Array(String)}"
            " ORDER BY position",
            parameters={"databases": [self.settings.staging_database, self.settings.marts_database]},
        ).result_rows:
            columns.setdefault((database, table), {})[name] = kind
        return [
            Relation(model["name"], f"{model['schema']}.{model['alias']}", columns[model["schema"], model["alias"]])
            for model in self.builder.models
            if model["name"] not in LEDGERS and model["materialized"] not in UNREADABLE
        ]

    def fingerprints(self, *, without: Collection[str] = ()) -> dict[str, Fingerprint]:
        query = " UNION ALL ".join(relation.fingerprint(without) for relation in self.relations())
        return {name: Fingerprint(*values) for name, *values in self.client.query(query).result_rows}

    def keep(self, database: str) -> None:
        """Copy every model's rows, so that a later build can be compared with them row for row."""
        self.client.command(f"DROP DATABASE IF EXISTS {database} SYNC")
        self.client.command(f"CREATE DATABASE {database}")
        for relation in self.relations():
            self.client.command(
                f"CREATE TABLE {database}.{relation.model} ENGINE = MergeTree ORDER BY tuple()"
                # One file for all columns: odd properties would need thousands.
                f" SETTINGS min_bytes_for_wide_part = '10G' AS SELECT * FROM {relation.path}"
            )

    def differences(self, kept: str, *, without: Collection[str] = (), but: Collection[str] = ()) -> list[str]:
        """A line per model (`but` not these) that is not what was kept, with some of the rows."""
        found = []
        for relation in self.relations():
            if relation.model in but:
                continue
            other = Relation(relation.model, f"{kept}.{relation.model}", relation.columns)
            one, two = (self.client.query(side.fingerprint(without)).result_rows[0] for side in (other, relation))
            if one != two:
                lost = self.client.query(other.minus(relation, without)).result_columns or [[]]
                gained = self.client.query(relation.minus(other, without)).result_columns or [[]]
                found.append(
                    f"{relation.model}: {one[1]} rows, by full refresh {two[1]};"
                    f" only before: {lost[0][:3]}; only after: {gained[0][:3]}"
                )
        return found

    def reset(self) -> None:
        """Empty databases, as at first start."""
        for database in (self.settings.marts_database, self.settings.staging_database):
            self.client.command(f"DROP DATABASE IF EXISTS {database} SYNC")
            self.client.command(f"CREATE DATABASE {database}")
        self.raw.empty()


@contextmanager
def open_warehouse(settings: Settings, folder: Path, variables: Mapping[str, Any]) -> Iterator[Warehouse]:
    """Databases and a builder of their own, gone afterwards."""
    with open_databases(settings) as client, open_builder(settings, folder, variables) as builder:
        yield Warehouse(settings, client, builder)
