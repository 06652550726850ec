"""What `events_live` shows before a run is what `fct_events` has after it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.invariants.relation import Relation
from tests.invariants.warehouse import Warehouse

# What a run finds out: sessions, and who merged.
OF_THE_RUN = ("session_id", "person_id")


@contextmanager
def foreseen(warehouse: Warehouse, violations: list[str]) -> Iterator[None]:
    """Around a run of all models: adds to `violations` if events are other after it than were shown before."""
    shown = _events(warehouse, "events_live")
    yield
    built = _events(warehouse, "fct_events")
    if shown != built:
        violations.append(
            f"events_live: {shown.total()} rows, by the run {built.total()};"
            f" only before: {list(shown - built)[:3]}; only after: {list(built - shown)[:3]}"
        )


def _events(warehouse: Warehouse, model: str) -> Counter[str]:
    """Rows as texts, how often each is there."""
    [facts] = (relation for relation in warehouse.relations() if relation.model == "fct_events")
    relation = Relation(model, f"{warehouse.settings.marts_database}.{model}", facts.columns)
    [rows] = warehouse.client.query(relation.rows(OF_THE_RUN)).result_columns or [[]]
    return Counter(rows)
