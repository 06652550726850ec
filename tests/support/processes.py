"""Looks at processes that may end at any moment."""

import psutil


def command_of(process: psutil.Process) -> list[str]:
    """Its command and arguments; empty once it has ended, though nobody has waited for it yet."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
