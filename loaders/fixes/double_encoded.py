"""JSON that was encoded twice: a text that holds the object."""

import orjson


def fix(payload: bytes) -> bytes | None:
    try:
        inner = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    return inner.encode() if isinstance(inner, str) else None
