"""Who owns a topic-partition, as ClickHouse sees it.

Kafka's group gives a partition to one member at a time, but a member that was paused past its session does not know
that it lost it. So each assignment is written as a claim with the next epoch, and each insert of rows checks inside its
own query that its claim is still the last one. An insert that passed the check before the new claim is in the server's
list of running queries when the new owner looks: it is killed, and waited for, before the position is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from loaders.records import Partition
from loaders.warehouse import Warehouse


@dataclass(slots=True)
class Claims:
    """What one loader process claims. Each claim has a name of its own that is never used again."""

    database: str
    loader: str = field(default_factory=lambda: uuid4().hex)
    held: dict[Partition, str] = field(default_factory=dict)
    _count: int = 0

    def take(self, warehouse: Warehouse, partitions: Sequence[Partition]) -> None:
        """Take the partitions over: from here on no earlier owner can land a row of them, and none is about to.

        Nothing of these partitions may be on its way from this loader itself.
        """
        self._count += 1
        name, pairs = f"{self.loader}.{self._count}", literal(partitions)
        earlier = {
            Partition(topic, number): epoch
            for topic, number, epoch in warehouse.rows(
                f"select topic, partition, max(epoch) from {self.database}.load_claims"
                f" where (topic, partition) in ({pairs}) group by topic, partition"
            )
        }
        values = ", ".join(
            f"({quoted(partition.topic)}, {partition.number}, {earlier.get(partition, 0) + 1}, '{name}')"
            for partition in partitions
        )
        warehouse.execute(f"insert into {self.database}.load_claims (topic, partition, epoch, claim) values {values}")
        self._stop_earlier_inserts(warehouse, partitions)
        self.held.update(dict.fromkeys(partitions, name))

    def fence(self, partitions: Sequence[Partition]) -> str:
        """A condition that is true while these claims are the last ones on their partitions, and throws otherwise."""
        held = ", ".join(
            f"({quoted(partition.topic)}, {partition.number}, '{self.held[partition]}')" for partition in partitions
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
            Partition(topic, number) for topic, number, claim in holders if claim == self.held[Partition(topic, number)]
        }

    def query_id(self, number: int) -> str:
        """The id of this loader's n-th insert of rows."""
        return f"throughline:{self.database}:{self.loader}:{number}"

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
