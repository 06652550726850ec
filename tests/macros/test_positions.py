"""Which records lie past positions that are kept by topic-partition."""

from itertools import product

import pytest

from tests.macros.harness import Macros, execute, query

MACROS = Macros()
TOPICS = ("events", "it's", "new")
GENERATIONS = range(4)
PARTITIONS = range(6)
OFFSETS = range(3)
Place = tuple[str, int, int]


@pytest.mark.parametrize("otherwise", ["true", "offset >= 2", None])
@pytest.mark.parametrize(
    "known",
    [
        pytest.param([], id="none"),
        pytest.param([("events", 0, 0)], id="one"),
        pytest.param([("events", 0, 1), ("events", 0, 4)], id="gaps between partitions and before them"),
        pytest.param([("events", 0, partition) for partition in (5, 3, 4)], id="in no order"),
        pytest.param([("events", 1, 0), ("events", 3, 2), ("events", 3, 0)], id="gaps between generations"),
        pytest.param([("events", 0, 2), ("it's", 2, 1)], id="two topics"),
        pytest.param(list(product(TOPICS, GENERATIONS, PARTITIONS)), id="all"),
    ],
)
def test_a_record_is_asked_what_is_said_of_its_topic_partition_or_of_others(
    known: list[Place], otherwise: str | None
) -> None:
    execute("drop table if exists default.records")
    execute(
        "create table default.records (topic String, generation UInt32, partition UInt32, offset Int64) engine = Memory"
    )
    records = list(product(TOPICS, GENERATIONS, PARTITIONS, OFFSETS))
    rows = ", ".join(f"({MACROS.call('string_literal', topic)}, {', '.join(map(str, at))})" for topic, *at in records)
    execute(f"insert into default.records values {rows}")
    after = {place: number % len(OFFSETS) for number, place in enumerate(known)}
    places = [
        {"topic": topic, "generation": generation, "partition": partition} for topic, generation, partition in known
    ]
    condition = MACROS.call("by_place", places, [f"offset > {position}" for position in after.values()], otherwise)

    asked = query(f"select * from default.records where {condition}")

    # What is said of others: from which offset on they are read.
    first = {"true": 0, "offset >= 2": 2, None: len(OFFSETS)}[otherwise]
    found = [(row["topic"], int(row["generation"]), int(row["partition"]), int(row["offset"])) for row in asked]
    assert sorted(found) == [record for record in records if record[3] > after.get(record[:3], first - 1)]
