"""Somebody who reads all models over and over while a run goes on, and remembers what was seen."""

import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from tests.invariants.relation import Fingerprint, Relation
from tests.invariants.warehouse import Warehouse
from tests.support.clickhouse import connect

State = Mapping[str, Fingerprint]


class Reader:
    """Reads every model in one query, again and again, between `with` and its end."""

    def __init__(self, warehouse: Warehouse, relations: Sequence[Relation]) -> None:
        self.reads: list[State] = []
        self.failures: list[str] = []
        self._settings = warehouse.settings
        self._query = " UNION ALL ".join(relation.fingerprint() for relation in relations)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        with connect(self._settings, "admin") as client:
            while not self._ended.is_set():
                began = time.monotonic()
                try:
                    rows = client.query(self._query).result_rows
                except Exception as error:
                    self.failures.append(str(error).split("\n")[0][:300])
                else:
                    self.reads.append({name: Fingerprint(*values) for name, *values in rows})
                # As long again, so that the run gets on.
                self._ended.wait(time.monotonic() - began)


def torn(reads: Sequence[State], before: State, after: State) -> list[str]:
    """A line per model that a read showed neither as it was nor as it became, or as it was after it had become new."""
    found = set()
    renewed: set[str] = set()
    for read in reads:
        for model, seen in read.items():
            if seen == after[model]:
                renewed |= {model} if after[model] != before[model] else set()
            elif seen != before[model]:
                found.add(f"{model}: {seen.rows} rows, neither the {before[model].rows} nor the {after[model].rows}")
            elif model in renewed:
                found.add(f"{model}: old rows after new ones")
    return sorted(found)


def mixed(reads: Sequence[State], before: State, after: State) -> int:
    """How many reads showed one model as it was and another one as it became."""
    changed = [model for model in (reads[0] if reads else ()) if after[model] != before[model]]
    return sum(0 < sum(read[model] == after[model] for model in changed) < len(changed) for read in reads)
