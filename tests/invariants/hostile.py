"""Payloads that no client should send, in batches, by full refresh and in another order of landing: `make hostile`, or

    .venv/bin/python -m tests.invariants.hostile [seed] [batches] [events of a batch]

What the loaders' check calls usable lands. No model may fail of it, all have to be the same in the three, and
what the rules make of it. Exits 1 if something is not.
"""

import sys
from contextlib import nullcontext

from loaders.streams import Stream
from loaders.warehouse import ClickHouse
from local.stack.signals import unwind_on_sigterm
from tests.invariants.hostile_payloads import HostilePayloads
from tests.invariants.live import foreseen
from tests.invariants.run import running_warehouse
from tests.invariants.trial import broken_rules, build_otherwise
from tests.invariants.truth import truth_of
from tests.invariants.warehouse import Warehouse
from tests.invariants.world.record import Record
from tests.support.judge import judge
from tests.support.landing import land

# Of an event.
SHARES = {"events": 1.0, "identities": 0.2, "people": 0.25}
Batch = dict[str, list[str]]


def run_hostile(warehouse: Warehouse, seed: int, batches: int, events: int) -> list[str]:
    """What differs."""
    payloads = HostilePayloads(seed)
    pieces = [usable(warehouse, payloads, events) for _ in range(batches)]
    warehouse.reset()
    violations: list[str] = []
    for number, piece in enumerate(pieces):
        land_all(warehouse, [piece])
        with foreseen(warehouse, violations) if number else nullcontext():
            warehouse.builder.build()
    landed = {stream: [text for piece in pieces for text in piece[stream]] for stream in SHARES}
    records = [Record(stream, text.encode(), 0) for stream, texts in landed.items() for text in texts]
    violations += broken_rules(warehouse, truth_of(records))
    backwards = [{stream: texts[::-1] for stream, texts in piece.items()} for piece in reversed(pieces)]
    _, differences = build_otherwise(warehouse, lambda: land_all(warehouse, backwards))
    return violations + differences


def usable(warehouse: Warehouse, payloads: HostilePayloads, events: int) -> Batch:
    """What the check lets through of so many events, and of the other streams in proportion."""
    batch: Batch = {}
    for stream, share in SHARES.items():
        texts = [payloads.of(stream) for _ in range(round(events * share))]
        verdicts = judge(ClickHouse(warehouse.settings), Stream(stream), [text.encode() for text in texts])
        batch[stream] = [text for text, (error_class, _) in zip(texts, verdicts, strict=True) if not error_class]
    return batch


def land_all(warehouse: Warehouse, pieces: list[Batch]) -> None:
    for piece in pieces:
        land(warehouse.client, warehouse.settings.raw_database, piece)


def main(seed: int = 0, batches: int = 3, events: int = 2_000) -> int:
    """How much is not the same."""
    with running_warehouse() as (warehouse, _):
        violations = run_hostile(warehouse, seed, batches, events)
    print("\n".join(violations) or f"seed {seed} held")
    return len(violations)


if __name__ == "__main__":
    unwind_on_sigterm()
    sys.exit(1 if main(*map(int, sys.argv[1:4])) else 0)
