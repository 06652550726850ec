"""The local stack as the demo's runner sees it."""

from collections.abc import Sequence

from local.stack import Stack


class LocalServices:
    """Notices what died since it was last started; an outside server is none of its business."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._watched: frozenset[str] = frozenset()

    def watch(self) -> None:
        """From now on whatever runs at this moment should run."""
        self._watched = frozenset(each.service for each in self._stack.status() if each.state == "running")

    def dead(self) -> Sequence[str]:
        if not self._watched:
            return []
        return [
            each.service for each in self._stack.status() if each.state == "stopped" and each.service in self._watched
        ]

    def revive(self, names: Sequence[str]) -> None:
        self._stack.up(clickhouse="clickhouse" in names, kafka="kafka" in names, dagster="dagster" in names)
