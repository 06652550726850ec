"""What the questions of verification look at: both sides, each fetched or computed once."""

from collections.abc import Mapping
from functools import cached_property

from loaders.settings import PROJECT_DIR
from local.oracle.expected import Expected
from local.oracle.sessions import EventKey
from local.oracle.warehouse import Fact, Warehouse, read_facts
from local.plan.plan import Plan
from local.plan.sync import PLAN
from local.simulator.truth import Truth


class Evidence:
    """`in_kafka`: the records in the topics of each stream (`events`, `identities`, `people`)."""

    def __init__(self, truth: Truth, warehouse: Warehouse, in_kafka: Mapping[str, int]) -> None:
        self.truth = truth
        self.expected = Expected(truth)
        self.warehouse = warehouse
        self.in_kafka = in_kafka

    @cached_property
    def conversions(self) -> dict[str, str]:
        """The planned conversion events, each with its column of fct_sessions."""
        return Plan.read(PROJECT_DIR / PLAN).conversions

    @property
    def facts(self) -> dict[EventKey, Fact]:
        return self._facts[0]

    @property
    def fact_rows(self) -> int:
        """More rows than keys means that copies came through."""
        return self._facts[1]

    @cached_property
    def _facts(self) -> tuple[dict[EventKey, Fact], int]:
        return read_facts(self.warehouse)
