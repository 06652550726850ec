"""Ranges that are read as stretches are judged as they are one by one."""

import random
import re
from collections.abc import Iterator

from loaders.ledger import Books, Entry, Rows, findings
from loaders.positions import Log
from loaders.ranges import COLUMNS, stretches
from loaders.records import Partition
from loaders.warehouse import ClickHouse

PARTITIONS = 60
RANGES = 30


def ranges_of(chance: random.Random) -> Iterator[Entry]:
    """What loaders write, and in some partitions what they should not."""
    faults = chance.choice([(), ("hole",), ("overlap",), ("sum",), ("repaired twice",), ("lost",), ("repaired",)])
    first = chance.randrange(100)
    for _ in range(RANGES):
        last = first + chance.randrange(20)
        size = last - first + 1
        sidelined, gaps = chance.choice([(0, 0), (min(1, size), 0), (0, min(1, size))])
        fault = chance.choice(faults) if faults and chance.random() < 0.2 else ""
        kind = "repaired" if fault == "repaired" else "landed"
        yield Entry(first, last, kind, size - sidelined - gaps + (fault == "sum"), sidelined, gaps)
        if fault == "repaired twice":
            # From where its own loader did not get, to the end of this batch.
            begin = max(0, first - chance.choice([0, 5]))
            yield Entry(begin, last, "repaired", last - begin + 1, 0, 0)
        if fault == "lost":
            yield Entry(last + 1, last + 5, "lost", 0, 0, 0)
            last += 5
        first = last + 1 + {"hole": 3, "overlap": -2}.get(fault, 0)


def said(books: Books) -> list[str]:
    """A hole is between the end of a range and the start of the next, however long these are."""
    return sorted(re.sub(r"range \d+\.\.(\d+) is followed by (\d+)\.\.\d+", r"\1 \2", line) for line in findings(books))


def test_stretches_are_judged_as_all_of_their_ranges(warehouse: ClickHouse) -> None:
    chance = random.Random(8)
    written = {number: set(ranges_of(chance)) for number in range(PARTITIONS)}
    values = [
        f"('t', 0, {number}, {one.first}, {one.last}, '{one.kind}', {one.usable}, {one.sidelined}, {one.gaps}, '')"
        for number, entries in written.items()
        for one in entries
    ]
    warehouse.execute(f"insert into {warehouse.database}.load_ranges ({COLUMNS}) values {', '.join(values)}")
    read = stretches(warehouse)
    wrong = 0
    for number, entries in written.items():
        partition = Partition("t", number)
        one_by_one = tuple(sorted(entries, key=lambda entry: (entry.first, entry.last, entry.kind)))
        rows = Rows(1, 1, max(entry.last for entry in entries), 1, 0)
        each, together = (
            Books(partition, 0, rows, ranges, Log(0, 10)) for ranges in (one_by_one, tuple(read[partition, 0]))
        )
        assert together.consumed == each.consumed
        assert said(together) == said(each)
        wrong += len(said(each)) > 1
    assert PARTITIONS / 3 < wrong < PARTITIONS
    assert min(map(len, read.values())) == 1
