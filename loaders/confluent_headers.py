"""Headers that librdkafka cannot hand out, since a name of theirs is not UTF-8, read by the other client."""

from collections.abc import Sequence

from loaders.errors import BrokerError
from loaders.kafka_python import KafkaPythonSource
from loaders.records import Header, Partition
from loaders.settings import Settings

ANSWER_SECONDS = 10.0


class HeaderReader:
    """Reads records a second time. What came with one is kept, since such records seldom come alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._source: KafkaPythonSource | None = None
        self._fetched: dict[Partition, dict[int, Sequence[Header]]] = {}

    def read(self, partition: Partition, offset: int) -> Sequence[Header]:
        """The headers of the record at this offset. Raises `BrokerError` where it does not come."""
        if offset not in self._fetched.get(partition, ()):
            try:
                self._fetched[partition] = self._fetch(partition, offset)
            except BrokerError:
                # The next attempt begins with a new connection.
                self.close()
                raise
        return self._fetched[partition][offset]

    def close(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()

    def _fetch(self, partition: Partition, offset: int) -> dict[int, Sequence[Header]]:
        if self._source is None:
            self._source = KafkaPythonSource(self._settings, group=None)
        self._source.assign({partition: offset})
        while True:
            records = self._source.poll(ANSWER_SECONDS).get(partition)
            if records is None:
                raise BrokerError(f"{partition}: offset {offset} could not be read again for its headers")
            if offset in records.offsets:
                return dict(zip(records.offsets, records.headers, strict=True))
