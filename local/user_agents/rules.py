"""The rules of the ua-parser project as rows: which pattern makes which browser, system or device."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_GROUP = re.compile(r"\$(\d)")


@dataclass(frozen=True)
class Rule:
    """`pattern` (RE2) gives `values`, in which `\\1` is its first group. In a kind the first that matches counts."""

    kind: str
    number: int
    pattern: str
    values: Mapping[str, str]


def rules() -> Iterator[Rule]:
    """All rules of the installed package, in its order."""
    from ua_parser_builtins.matchers import MATCHERS

    browsers, systems, devices = MATCHERS
    for number, browser in enumerate(browsers, start=1):
        # A browser's version is in the groups after its name, unless the rule says otherwise.
        version = {"major": browser.major or "$2", "minor": browser.minor or "$3"}
        yield _rule("browser", number, browser, {"name": browser.family, **version})
    for number, system in enumerate(systems, start=1):
        yield _rule("os", number, system, {"name": system.family, "major": system.major, "minor": system.minor})
    for number, device in enumerate(devices, start=1):
        yield _rule("device", number, device, {"name": device.family, "brand": device.brand, "model": device.model})


def _rule(kind: str, number: int, matcher: Any, templates: Mapping[str, str | None]) -> Rule:
    ignore_case = "(?i)" if matcher.pattern.flags & re.IGNORECASE else ""
    groups = matcher.pattern.groups

    def reference(found: re.Match[str]) -> str:
        return f"\\{found[1]}" if int(found[1]) <= groups else ""

    values = {name: _GROUP.sub(reference, template or "") for name, template in templates.items()}
    return Rule(kind, number, ignore_case + matcher.pattern.pattern, values)
