"""What can go wrong while producing. Each message says where."""

from pathlib import Path

from loaders.errors import ThroughlineError


class ProduceError(ThroughlineError):
    """The root of this package's errors."""


class SourceError(ProduceError):
    """A file is missing, corrupt or of an unknown kind."""


class MappingError(ProduceError):
    """The mapping does not fit its CSV file."""


class BadLineError(ProduceError):
    """A line holds no message, and the run is to stop at the first."""

    def __init__(self, path: Path, number: int, reason: str) -> None:
        super().__init__(f"{path}:{number}: {reason}")


class ForeignRecordsError(ProduceError):
    """A run cannot be resumed, because the topic holds other records as well."""

    def __init__(self, topic: str, records: str) -> None:
        super().__init__(
            f"topic {topic} holds {records} that are not of these files, so nothing can be resumed: "
            "produce without --resume, or to other topics"
        )
