"""The suites of a table of records (`raw.events`, `raw.identities`, `raw.people`), one per rule of `rules.py`."""

from collections.abc import Collection
from typing import Final

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

COLUMNS: Final = {
    "topic": "LowCardinality(String)",
    "generation": "UInt32",
    "partition": "UInt32",
    "offset": "Int64",
    "key": "Nullable(String)",
    "kafka_timestamp": "DateTime64(3, 'UTC')",
    "headers": "Array(Tuple(name String, value Nullable(String)))",
    "payload": "String",
    "error_class": "LowCardinality(String)",
    "check_version": "UInt16",
    "lane": "LowCardinality(String)",
    "replay_seq": "UInt64",
    "fix": "LowCardinality(String)",
    "loaded_at": "DateTime64(3, 'UTC')",
}

# Unexpected rows are shown to whoever opens Dagster, so that they are named by coordinates and never by payload.
_RECORDS: Final = "select topic, generation, partition, offset, lane from {batch} where "


def schema_suite() -> list[Expectation]:
    """Over one row `declaration` per column, as `name type`. More columns than the contract's are no fault."""
    declared = ", ".join("'{} {}'".format(name, type_.replace("'", "''")) for name, type_ in COLUMNS.items())
    missing = (
        f"select missing from (select arrayJoin([{declared}]) as missing) "
        "where missing not in (select declaration from {batch})"
    )
    return [gxe.UnexpectedRowsExpectation(description="Has the contract's columns.", unexpected_rows_query=missing)]


def volume_suite() -> list[Expectation]:
    return [gxe.ExpectTableRowCountToBeBetween(description="Something landed.", min_value=1)]


def values_suite(error_classes: Collection[str]) -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            description="Errors are of a known class.", column="error_class", value_set=["", *error_classes]
        ),
        gxe.ExpectColumnValuesToBeInSet(
            description="The lane is live or replay.", column="lane", value_set=["live", "replay"]
        ),
        gxe.ExpectColumnValuesToBeBetween(description="Offsets count from 0.", column="offset", min_value=0),
        gxe.ExpectColumnValuesToBeBetween(description="Every row was checked.", column="check_version", min_value=1),
        _no_records("A Kafka timestamp is not in the future.", "kafka_timestamp > now64(3) + interval 5 minute"),
        _no_records("What counts as usable has a payload.", "error_class = '' and empty(payload)"),
        _no_records("Only the replay lane is numbered.", "(lane = 'replay') != (replay_seq > 0)"),
    ]


def coordinates_suite() -> list[Expectation]:
    """Over the rows of the lane `live`."""
    coordinates = ["topic", "generation", "partition", "offset"]
    return [gxe.ExpectCompoundColumnsToBeUnique(description="Nothing landed twice.", column_list=coordinates)]


def _no_records(description: str, condition: str) -> Expectation:
    return gxe.UnexpectedRowsExpectation(description=description, unexpected_rows_query=_RECORDS + condition)
