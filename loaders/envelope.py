"""The envelope as SQL expressions, over a column `payload`. Staging reads usable rows in the same way."""

from loaders.streams import Stream

ISO_TIME = (
    "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "([T ]([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)([.][0-9]{1,9})?)?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?$"
)
EPOCH_MS = "^-?[0-9]{1,16}([.][0-9]+)?$"

_EVENT_FIELDS = (
    "event_id",
    "event",
    "timestamp",
    "sent_at",
    "received_at",
    "project_id",
    "device_id",
    "user_id",
    "session_id",
)
_MESSAGE_FIELDS = ("event_id", "type", "timestamp", "sent_at", "received_at", "project_id")

TEXT_FIELDS: dict[Stream, tuple[str, ...]] = {
    Stream.EVENTS: _EVENT_FIELDS,
    Stream.IDENTITIES: (*_MESSAGE_FIELDS, "device_id", "previous_device_id", "user_id", "previous_id"),
    Stream.PEOPLE: (*_MESSAGE_FIELDS, "user_id"),
}
TIME_FIELDS = ("timestamp", "sent_at", "received_at")


def envelope(stream: Stream) -> str:
    """All text fields in one parse. Numbers become decimal text; null and absent become ''."""
    fields = ", ".join(f"{field} String" for field in TEXT_FIELDS[stream])
    return f"JSONExtract(payload, 'Tuple({fields})')"


def milliseconds(text: str) -> str:
    """A time as epoch ms, NULL where the text is none. No zone is UTC; digits past the millisecond are cut."""
    iso = f"toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull({text}, 3, 'UTC'))"
    return (
        f"multiIf(match({text}, '{ISO_TIME}'), {iso}, "
        f"match({text}, '{EPOCH_MS}'), toInt64OrNull(substringIndex({text}, '.', 1)), null)"
    )
