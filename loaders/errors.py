"""The root of the project's error tree. Each message says where, and what to do."""


class ThroughlineError(Exception):
    """A failure that a person can act on. The command line prints its text as one line and exits 1."""
