"""Repairs of payloads that a producer broke, each a module with one function `fix`, known by the module's name.

A fix gets the exact bytes and returns the bytes that should have come, or None where it has nothing to say. The
original stays in raw; the row that lands names the fix.
"""

import pkgutil
from collections.abc import Callable
from importlib import import_module

from loaders.errors import ThroughlineError

Fix = Callable[[bytes], bytes | None]


def names() -> list[str]:
    """The fixes that there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str) -> Fix:
    """The fix of that name."""
    if name not in names():
        raise ThroughlineError(f"there is no fix {name} in loaders/fixes: there are {', '.join(names())}")
    fix: Fix = import_module(f"{__name__}.{name}").fix
    return fix
