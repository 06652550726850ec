"""Bytes that are no UTF-8, each replaced by U+FFFD."""


def fix(payload: bytes) -> bytes | None:
    fixed = payload.decode(errors="replace").encode()
    return fixed if fixed != payload else None
