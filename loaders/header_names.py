"""Names of record headers. Kafka says that they are UTF-8 and checks it nowhere."""

from typing import Any


class HeaderName(str):
    """A name for people to read that keeps the bytes it was read from: `encode` gives them back."""

    __slots__ = ("raw",)
    raw: bytes

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.raw


def header_name(raw: bytes) -> str:
    """The name with these bytes, whatever they are."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        name = HeaderName(raw.decode(errors="replace"))
        name.raw = raw
        return name


class LenientBuffer:
    """A buffer of records whose slices decode as header names do, so that one of them never fails a batch."""

    def __init__(self, buffer: Any) -> None:
        self._buffer = buffer

    def __len__(self) -> int:
        return len(self._buffer)

    def __getitem__(self, place: Any) -> Any:
        found = self._buffer[place]
        return _Slice(found) if isinstance(place, slice) else found


class _Slice(bytes):
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return header_name(bytes(self))
