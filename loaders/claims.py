"""Who owns a topic-partition, as ClickHouse sees it.

Kafka's group gives a partition to one member at a time, but a member that was paused past its session does not know
that it lost it. So each assignment is written as a claim with the next epoch, and each insert of rows checks inside its
own query that its claim is still the last one. An insert that passed the check before the new claim is in the server's
list of running queries when the new owner looks: it is killed, and waited for, before the position is read.

An insert whose answer got lost may not have begun yet, and then nobody can kill it. So its loader renews its claim
before it looks and sends the batch again: the first insert checks for a claim that is not the last one any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import uuid4

from loaders.records import Partition
from loaders.warehouse import Warehouse


class Claim(NamedTuple):
    """A claim of a partition. Its name is never used again; of the names of one loader the later one is the higher."""

    epoch: int
    name: str


@dataclass(slots=True)
class Claims:
    """What one loader process claims."""

    database: str
    loader: str = field(default_factory=lambda: uuid4().hex)
    held: dict[Partition, Claim] = field(default_factory=dict)
    _count: int = 0

    def take(self, warehouse: Warehouse, partitions: Sequence[Partition]) -> None:
        """Take the partitions over: from here on no earlier owner can land a row of them, and none is about to.

        Nothing of these partitions may be on its way from this loader itself.
        """
        earlier = {
            Partition(topic, number): epoch
            for topic, number, epoch in warehouse.rows(
                f"select topic, partition, max(epoch) from {self.database}.load_claims"
                f" where (topic, partition) in ({literal(partitions)}) group by topic, partition"
            )
        }
        claimed = self._claim(warehouse, {partition: earlier.get(partition, 0) + 1 for partition in partitions})
        self._stop_earlier_inserts(warehouse, partitions)
        self.held.update(claimed)

    def renew(self, warehouse: Warehouse, partitions: Sequence[Partition]) -> None:
        """Claim again what is held: an insert under the claim before that has not begun yet is fenced from here on.

        In the same epoch: what another loader has taken over meanwhile, or is just taking over, stays that one's.
        """
        self.held.update(self._claim(warehouse, {partition: self.held[partition].epoch for partition in partitions}))

    def fence(self, partitions: Sequence[Partition]) -> str:
        """A condition that is true while these claims are the last ones on their partitions, and throws otherwise."""
        held = ", ".join(
            f"({quoted(partition.topic)}, {partition.number}, '{self.held[partition].name}')"
            for partition in partitions
        )
        return (
            "throwIf((select count() from (select topic, partition, argMax(claim, (epoch, claim)) as holder"
            f" from {self.database}.load_claims where (topic, partition) in ({literal(partitions)})"
            f" group by topic, partition) where (topic, partition, holder) in ({held})) != {len(partitions)},"
            " 'fenced') = 0"
        )

    def still_held(self, warehouse: Warehouse, partitions: Sequence[Partition]) -> set[Partition]:
        """Those that no other loader has claimed after this one."""
        holders = warehouse.rows(
            f"select topic, partition, argMax(claim, (epoch, claim)) from {self.database}.load_claims"
            f" where (topic, partition) in ({literal(partitions)}) group by topic, partition"
        )
        return {
            Partition(topic, number)
            for topic, number, name in holders
            if name == self.held[Partition(topic, number)].name
        }

    def query_id(self, number: int) -> str:
        """The id of this loader's n-th insert of rows."""
        return f"throughline:{self.database}:{self.loader}:{number}"

    def _claim(self, warehouse: Warehouse, epochs: Mapping[Partition, int]) -> dict[Partition, Claim]:
        """Write a claim of each partition in its epoch."""
        self._count += 1
        claimed = {partition: Claim(epoch, f"{self.loader}.{self._count:08}") for partition, epoch in epochs.items()}
        values = ", ".join(
            f"({quoted(partition.topic)}, {partition.number}, {claim.epoch}, '{claim.name}')"
            for partition, claim in claimed.items()
        )
        warehouse.execute(f"insert into {self.database}.load_claims (topic, partition, epoch, claim) values {values}")
        return claimed

    def _stop_earlier_inserts(self, warehouse: Warehouse, partitions: Sequence[Partition]) -> None:
        running = warehouse.rows(
            f"select query_id from system.processes where startsWith(query_id, 'throughline:{self.database}:')"
            f" and splitByChar(':', query_id)[3] in (select splitByChar('.', claim)[1] from {self.database}.load_claims"
            f" where (topic, partition) in ({literal(partitions)}) and not startsWith(claim, '{self.loader}.'))"
        )
        if running:
            names = ", ".join(quoted(row[0]) for row in running)
            warehouse.execute(f"kill query where query_id in ({names}) sync")


def literal(partitions: Sequence[Partition]) -> str:
    """Partitions as the right side of `(topic, partition) in (…)`."""
    return ", ".join(f"({quoted(partition.topic)}, {partition.number})" for partition in partitions)


def quoted(text: str) -> str:
    """A text as a SQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
