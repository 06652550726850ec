"""Times in seconds since 1970 where milliseconds were agreed on."""

import orjson

# 1970-01-20 to 2286-11-20, as seconds; as milliseconds all of it is in 1970.
SECONDS = range(1_600_000, 10_000_000_000)


def fix(payload: bytes) -> bytes | None:
    try:
        envelope = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(envelope, dict):
        return None
    seconds = {field: envelope.get(field) for field in ("timestamp", "sent_at", "received_at")}
    fixed = {
        field: round(value * 1000)
        for field, value in seconds.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and int(value) in SECONDS
    }
    return orjson.dumps(envelope | fixed) if fixed else None
