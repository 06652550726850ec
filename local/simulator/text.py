"""Text by the hundred thousand: ids and times, made of whole arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
# The places of the 32 digits of a UUID among its 36 characters.
_DIGITS = np.array([place for place in range(36) if place not in (8, 13, 18, 23)])


def random_uuids(random: np.random.Generator, count: int) -> npt.NDArray[np.uint8]:
    """`count` random UUIDs (version 4) as rows of 16 bytes."""
    rows = np.frombuffer(random.bytes(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    rows[:, 6] = rows[:, 6] & 0x0F | 0x40
    rows[:, 8] = rows[:, 8] & 0x3F | 0x80
    return rows


def uuid_texts(raw: bytes) -> list[str]:
    """16 bytes each, as the text that `uuid.UUID` gives."""
    rows = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 16)
    characters = np.full((len(rows), 36), ord("-"), dtype=np.uint8)
    characters[:, _DIGITS[0::2]] = _HEX[rows >> 4]
    characters[:, _DIGITS[1::2]] = _HEX[rows & 15]
    text = characters.tobytes().decode("ascii")
    return [text[at : at + 36] for at in range(0, len(text), 36)]


# How a device writes times. The places of TIME_FORMS are codes.
TIME_FORMS = ("iso", "epoch_ms", "iso_no_zone", "iso_offset")
ISO, EPOCH_MS, ISO_NO_ZONE, ISO_OFFSET = range(4)
_TWO_HOURS_MS = 7_200_000


def time_texts(times_ms: npt.NDArray[np.int64], forms: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """JSON values of the times, each in its form; times without a zone are UTC."""
    texts = np.empty(len(times_ms), dtype=object)
    for form in range(len(TIME_FORMS)):
        rows = np.flatnonzero(forms == form)
        if len(rows):
            texts[rows] = _in_form(times_ms[rows], form)
    return texts


def time_text(time_ms: int, form: int = ISO) -> str:
    """The same for one time."""
    return _in_form(np.array([time_ms], dtype=np.int64), form)[0]


def _in_form(times_ms: npt.NDArray[np.int64], form: int) -> list[str]:
    if form == EPOCH_MS:
        return list(map(str, times_ms.tolist()))
    shifted = times_ms + _TWO_HOURS_MS if form == ISO_OFFSET else times_ms
    zone = {ISO: "Z", ISO_NO_ZONE: "", ISO_OFFSET: "+02:00"}[form]
    return [f'"{text}{zone}"' for text in np.datetime_as_string(shifted.astype("M8[ms]")).tolist()]
