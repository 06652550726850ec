"""The loaders' errors. Each message says where, and what to do."""

# Of what ends on purpose, until a person has decided: the services of deploy/systemd are not started again after it.
STOPPED = 3


class ThroughlineError(Exception):
    """A failure that a person can act on. The command line prints its text as one line and exits with `exit_code`."""

    exit_code = 1


class SettingsError(ThroughlineError):
    """A variable of the environment, or of the local stack's file, has a value that it cannot have."""


class WarehouseUnreachableError(ThroughlineError):
    """ClickHouse does not answer. The outcome of a statement in flight is unknown."""


class WarehouseRefusedError(ThroughlineError):
    """ClickHouse answered, and the answer is no: a password, a grant, a missing table, a wrong statement."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


class BrokerError(ThroughlineError):
    """Kafka does not answer, or refuses."""


class StalledError(BrokerError):
    """A partition stands still though there is more to read. A new consumer heals it."""


class InstanceTakenError(ThroughlineError):
    """Two loaders run under one name. The one that learns of it ends: to try again would throw out the other."""

    exit_code = STOPPED


class FencedError(ThroughlineError):
    """Another loader claimed a partition after this one did. Nothing of the refused batch has landed."""


class PositionLostError(ThroughlineError):
    """The records that come next are no longer in Kafka (`lost`), or the topic is another one (`recreated`)."""

    def __init__(self, message: str, *, kind: str = "", first: int = 0, last: int = 0) -> None:
        super().__init__(message)
        self.kind, self.first, self.last = kind, first, last


class BreakerTrippedError(ThroughlineError):
    """Too many unusable records: more likely a broken producer than broken records."""

    exit_code = STOPPED


class MigrationChangedError(ThroughlineError):
    """A DDL file that was applied already is no longer what it was."""
