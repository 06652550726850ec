r"""Halves of a character, such as `\ud83d`, that a client left where it cut a text, each replaced by U+FFFD."""

import re

# Every escape, so that an escaped backslash begins none; of surrogates those that are a pair first.
ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def fix(payload: bytes) -> bytes | None:
    fixed = ESCAPE.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], payload)
    return fixed if fixed != payload else None
