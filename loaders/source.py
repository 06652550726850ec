"""Kafka as the loop needs it, so that the client library can be another one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from loaders.positions import Log
from loaders.records import Partition, Records

Assigned = Callable[[Sequence[Partition]], Mapping[Partition, int]]
Revoked = Callable[[Sequence[Partition]], None]


class Source(Protocol):
    """A consumer. Every method raises `BrokerError` where Kafka does not answer or refuses."""

    def topics(self) -> set[str]:
        """All topics that there are. Asking never makes one."""

    def partitions(self, topics: Iterable[str]) -> list[Partition]:
        """The partitions of existing topics."""

    def logs(self, partitions: Sequence[Partition]) -> dict[Partition, Log]:
        """The offsets that Kafka has now, of committed records."""

    def assign(self, positions: Mapping[Partition, int]) -> None:
        """Read exactly these partitions from these offsets, without a group."""

    def subscribe(self, topics: Sequence[str], *, assigned: Assigned, revoked: Revoked) -> None:
        """Share the topics with the other members of the group.

        `assigned` is called with partitions that were given to this member, and answers where to read them from.
        """

    def poll(self, seconds: float) -> dict[Partition, Records]:
        """Records that came within the time; fewer, or none, is no sign of an end."""

    def position(self, partition: Partition) -> int:
        """The offset to be read next: past records handed out and past what Kafka keeps to itself."""

    def pause(self) -> None:
        """Fetch nothing more until `resume`; polling goes on, to stay a member of the group."""

    def resume(self) -> None:
        """Fetch again."""

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Tell Kafka how far the rows are landed: a hint for those who watch the lag. Never raises."""

    def confirm_name(self) -> None:
        """Raise `InstanceTakenError` where another member of the group has joined under this one's name since."""

    def close(self) -> None:
        """Leave the group and close the connections."""
