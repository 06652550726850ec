"""Which records are of topic-partitions that no run has read yet."""

from itertools import product

import pytest

from tests.macros.harness import Macros, execute, query

MACROS = Macros()
TOPICS = ("events", "it's", "new")
GENERATIONS = range(4)
PARTITIONS = range(6)
Place = tuple[str, int, int]


@pytest.mark.parametrize(
    "known",
    [
        pytest.param([("events", 0, 0)], id="one"),
        pytest.param([("events", 0, 1), ("events", 0, 4)], id="gaps between partitions and before them"),
        pytest.param([("events", 0, partition) for partition in (5, 3, 4)], id="in no order"),
        pytest.param([("events", 1, 0), ("events", 3, 2), ("events", 3, 0)], id="gaps between generations"),
        pytest.param([("events", 0, 2), ("it's", 2, 1)], id="two topics"),
        pytest.param(list(product(TOPICS, GENERATIONS, PARTITIONS)), id="all"),
    ],
)
def test_a_record_is_of_another_place_where_no_known_one_has_its_topic_generation_and_partition(
    known: list[Place],
) -> None:
    execute("drop table if exists default.places")
    execute("create table default.places (topic String, generation UInt32, partition UInt32) engine = Memory")
    for topic, generation, partition in product(TOPICS, GENERATIONS, PARTITIONS):
        execute(
            f"insert into default.places values ({MACROS.call('string_literal', topic)}, {generation}, {partition})"
        )
    columns = ("topic", "generation", "partition")
    condition = MACROS.call("is_of_another_place", [dict(zip(columns, place, strict=True)) for place in known])
    rows = query(f"select * from default.places where {condition}")
    found = sorted((row["topic"], int(row["generation"]), int(row["partition"])) for row in rows)
    assert found == sorted(set(product(TOPICS, GENERATIONS, PARTITIONS)) - set(known))
