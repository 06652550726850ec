"""Payloads as odd as JSON has them, of every stream: keys, values, ids, names, times and projects.

Two things the engine does not keep, so they are not made: in lists, `null` beside lists, and whole numbers beyond 2^53
beside fractions (`docs/tracking-plan.md`).
"""

import json
import random

START_MS, DAY_MS = 1_768_478_400_000, 86_400_000
DAYS = 60
KEYS = [
    "page", "value", "currency", "url", "referrer", "user_agent", "utm_source", "a", "b", "a.b", "", ".", "a.", ".a",
    "a..b", "`", "a`b", "^a", ":", "[]", "é", "😀", "null", "0", "x" * 300, "\0", "\n", "\\", '"', "%", "{{ a }}",
    "page.x",
]  # fmt: skip
TEXTS = [
    "", "x", "1", "1.5", "true", "nan", "inf", "[1]", "{}", "10:00", "2026-01-01", "2026-01-01T00:00:00Z", "\0abc",
    "a\nb", "\\", '"', "'", "é", "😀", "y" * 5000, "https://a.b/c?utm_source=%zz&to=https://d.e", "http://localhost",
    "Mozilla/5.0 (X11; Linux x86_64)",
]  # fmt: skip
NUMBERS = ["0", "-0", "1", "-1", "1.5", "1e5", "0.1", "1e-400"]
LARGE_NUMBERS = ["1e308", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1" * 400]
IDS = [
    '"\\u0000"', '"a\\u0000b"', '" "', '"x y"', '"é"', '"😀"', '"null"', '"guest"', '"d:1"', '"\\n"', '"\\\\"', "\"'\"",
    '"%"', '"' + "z" * 3000 + '"', "7", "1.5", "1e30", "-0", "18446744073709551616", "null",
    *(f'"p{number}"' for number in range(40)),
]  # fmt: skip
PROJECTS = [*["null"] * 10, '""', '"é"', '"\\u0000"', "5", '" "', '"a\'b"', '"{{ x }}"']
NAMES = [
    "x", "page_view", "view_item", "add_to_cart", "begin_checkout", "purchase", "é", "\0", " ", "{{ x }}", "a'b",
    "n" * 3000,
]  # fmt: skip
ODD_TIMES = [
    '"2024-02-29"', "1709164800000", '"2025-10-26T01:30:00+02:00"', '"2025-12-31T23:59:60Z"', "1768478400000.999",
    '"1768478400000"', '"10:00"',
]  # fmt: skip
CLAIMS = ["identify", "alias", "merge", "unmerge", "reset"]
CHANGES = [*["set", "increment"] * 4, "set_once", "unset", "delete"]


class HostilePayloads:
    """The same for the same seed. Many of them are not usable: the loaders' check has to tell."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def of(self, stream: str) -> str:
        """One payload, its keys in any order."""
        chance = self._chance
        members = {"event_id": f'"e{chance.randrange(3000)}"', "timestamp": self._time()}
        for name, value in (
            ("project_id", chance.choice(PROJECTS)),
            ("received_at", self._time()),
            ("sent_at", self._time()),
        ):
            if chance.random() < 0.3:
                members[name] = value
        if stream == "events":
            members["event"] = json.dumps(chance.choice(NAMES))
        else:
            members["type"] = json.dumps(chance.choice(CLAIMS if stream == "identities" else CHANGES))
        for name in ("device_id", "user_id", "previous_id", "previous_device_id", "session_id"):
            if chance.random() < 0.6:
                members[name] = chance.choice(IDS)
        if chance.random() < 0.9:
            members["properties"] = self._object(chance.randint(1, 3))
        items = list(members.items())
        chance.shuffle(items)
        return "{" + ",".join(f'"{name}":{value}' for name, value in items) + "}"

    def _time(self) -> str:
        if self._chance.random() < 0.05:
            return self._chance.choice(ODD_TIMES)
        return str(START_MS - self._chance.randrange(DAYS * DAY_MS))

    def _object(self, depth: int, *, in_list: bool = False) -> str:
        members = (
            f"{json.dumps(self._chance.choice(KEYS))} : {self._value(depth, in_list=in_list)}"
            for _ in range(self._chance.randint(0, 5))
        )
        return "{" + ",".join(members) + "}"

    def _value(self, depth: int, *, in_list: bool) -> str:
        chance = self._chance
        kind = chance.random()
        if depth and kind < 0.2:
            return self._object(depth - 1, in_list=in_list)
        if depth and kind < 0.45:
            return "[" + ",".join(self._value(depth - 1, in_list=True) for _ in range(chance.randint(0, 4))) + "]"
        plain = [json.dumps(chance.choice(TEXTS)), chance.choice(NUMBERS), "true", "false"]
        return chance.choice(plain if in_list else [*plain, "null", chance.choice(LARGE_NUMBERS)])
