"""Reads what a run left in ClickHouse and in the sideline topic, past the proxy."""

from collections.abc import Sequence

from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from tests.loaders.faults.ledger import Place, Row
from tests.support.topics import read_all


def landed_places(warehouse: ClickHouse) -> set[Place]:
    """Where rows stand; cheap enough to be asked again and again."""
    return {Place(*row) for row in warehouse.rows(f"select topic, partition, offset from {warehouse.database}.events")}


def rows(warehouse: ClickHouse) -> list[Row]:
    return [
        Row(Place(topic, partition, offset), bytes.fromhex(payload), error_class == "", landed, produced)
        for topic, partition, offset, payload, error_class, landed, produced in warehouse.rows(
            "select topic, partition, offset, hex(payload), error_class, toUnixTimestamp64Milli(loaded_at),"
            f" toUnixTimestamp64Milli(kafka_timestamp) from {warehouse.database}.events where lane = 'live'"
        )
    ]


def sidelined(warehouse: ClickHouse) -> list[Place]:
    return [
        Place(*row) for row in warehouse.rows(f"select topic, partition, offset from {warehouse.database}.sideline")
    ]


def announced(settings: Settings, topics: Sequence[str]) -> list[Place]:
    """The places in the sideline topics of these topics."""
    places = []
    for topic in topics:
        for record in read_all(settings, f"{topic}.sideline"):
            name, _, partition, offset = record.key.decode().split("/")
            places.append(Place(name, int(partition), int(offset)))
    return places
