"""What can go wrong while the local stack starts. Each message is one line that says where and what to do."""

from loaders.errors import ThroughlineError


class StackError(ThroughlineError):
    """The local stack cannot do what was asked."""


class PortTakenError(StackError):
    """The port that a service must have belongs to another program."""


class FolderInUseError(StackError):
    """The data folder is open in another running process."""


class CorruptDataError(StackError):
    """The data on disk is not what the engine wrote."""


class NoSpaceError(StackError):
    """The folder of the stack cannot be written: full disk, read-only, or no permission."""


class WrongPasswordError(StackError):
    """The engine runs, and refuses the password that the settings hold."""


class MissingJarsError(StackError):
    """Kafka's jars are neither in the cache nor to be had from Maven Central."""


class UnsupportedPlatformError(StackError):
    """There is no ClickHouse wheel or Java runtime for this machine."""


class NotStartedError(StackError):
    """The engine ended, or did not answer, for a reason that its log tells."""
