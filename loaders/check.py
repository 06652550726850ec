"""The check at the door: one SQL expression that says of each row why it is unusable, '' where it is usable.

It runs inside the INSERT that lands the rows, over columns `payload` (String) and `kafka_ms` (Int64). It judges the
envelope only; the tracking plan is judged in models. `docs/loading.md` states its rules in words.

It is meant to be run with `short_circuit_function_evaluation = 'disable'`: what is costly is made cheap for the rows
that do not need it by handing it an empty text, at a tenth of the price of ClickHouse's lazy branches.
"""

from loaders.envelope import TEXT_FIELDS, TIME_FIELDS, envelope, milliseconds
from loaders.streams import Stream

# Raise with every change of a rule: the sideline retries what an older version refused.
CHECK_VERSION = 1

TOO_LARGE, NOT_JSON_OBJECT, MISSING_ID = "too_large", "not_json_object", "missing_id"
WRONG_TYPE, IMPOSSIBLE_TIME = "wrong_type", "impossible_time"
CLASSES = (TOO_LARGE, NOT_JSON_OBJECT, MISSING_ID, WRONG_TYPE, IMPOSSIBLE_TIME)

MAX_EVENT_ID_BYTES = 64
DAY_MS = 86_400_000
YEAR_2000_MS = 946_684_800_000
YEAR_2100_MS = 4_102_444_800_000

TYPES: dict[Stream, tuple[str, ...]] = {
    Stream.IDENTITIES: ("identify", "alias", "merge", "unmerge", "reset"),
    Stream.PEOPLE: ("set", "set_once", "increment", "unset", "delete"),
}

_MISSING: dict[Stream, tuple[tuple[str, str], ...]] = {
    Stream.EVENTS: (
        ("event_id is missing", "no_event_id"),
        ("event is missing", "e.event = ''"),
        ("device_id and user_id are missing", "no_device_id and no_user_id"),
    ),
    Stream.IDENTITIES: (
        ("event_id is missing", "no_event_id"),
        ("type is missing", "no_type"),
        ("identify needs device_id and user_id", "e.type = 'identify' and (no_device_id or no_user_id)"),
        (
            "alias needs user_id, and device_id or previous_id",
            "e.type = 'alias' and (no_user_id or (no_device_id and no_previous_id))",
        ),
        (
            "merge needs two identifiers",
            "e.type = 'merge' and no_user_id + no_device_id + no_previous_id + no_previous_device_id > 2",
        ),
        (
            "unmerge needs user_id, and device_id or previous_id",
            "e.type = 'unmerge' and (no_user_id or (no_device_id and no_previous_id))",
        ),
        ("reset needs device_id", "e.type = 'reset' and no_device_id"),
    ),
    Stream.PEOPLE: (
        ("event_id is missing", "no_event_id"),
        ("type is missing", "no_type"),
        ("user_id is missing", "no_user_id"),
    ),
}


def rules(stream: Stream, *, max_bytes: int) -> list[tuple[str, str, str]]:
    """(error class, reason, condition) of each rule, in order: the first that holds decides."""
    return [
        (TOO_LARGE, f"longer than {max_bytes} bytes", f"length(payload) > {max_bytes}"),
        (NOT_JSON_OBJECT, "the value is empty", "payload = ''"),
        (NOT_JSON_OBJECT, "not a JSON object", "not_an_object"),
        *((MISSING_ID, reason, condition) for reason, condition in _MISSING[stream]),
        *((WRONG_TYPE, f"{field} is not text or a number", _not_text(field)) for field in TEXT_FIELDS[stream]),
        *_type_rules(stream),
        (
            WRONG_TYPE,
            f"event_id is longer than {MAX_EVENT_ID_BYTES} bytes",
            f"length(e.event_id) > {MAX_EVENT_ID_BYTES}",
        ),
        (WRONG_TYPE, "timestamp is missing", "e.timestamp = ''"),
        *((WRONG_TYPE, f"{field} is not a time", f"e.{field} != '' and isNull({field}_ms)") for field in TIME_FIELDS),
        (WRONG_TYPE, "properties is not an object", _wrong_properties(stream)),
        (IMPOSSIBLE_TIME, "received_at is out of 2000..2099", _out_of_range("received_at_ms")),
        (IMPOSSIBLE_TIME, "timestamp is out of 2000..2099", _out_of_range("occurred_ms")),
        (IMPOSSIBLE_TIME, "timestamp is over a day ahead", f"occurred_ms > seen_ms + {DAY_MS}"),
    ]


def with_clause(stream: Stream, *, max_bytes: int) -> str:
    """The WITH expressions that end in `verdict`: an index into `error_classes` and `error_reasons`, 1 = usable."""
    absent = [field for field in TEXT_FIELDS[stream] if field.endswith("_id") or field == "type"]
    all_rules = rules(stream, max_bytes=max_bytes)
    branches = ", ".join(f"{condition}, {number}" for number, (_, _, condition) in enumerate(all_rules, start=2))
    classes = ["", *(error_class for error_class, _, _ in all_rules)]
    reasons = ["", *(reason for _, reason, _ in all_rules)]
    expressions = [
        f"{envelope(stream)} as e",
        "JSONType(payload, 'properties') as properties_type",
        # A path into properties is found only where the whole text is a valid object: one parse says both.
        "JSONType(if(properties_type = 'Object', '{}', payload)) != 'Object' as not_an_object",
        f"if({_is_suspect(stream)}, payload, '') as suspect_payload",
        *(f"e.{field} = '' as no_{field}" for field in absent),
        *(f"{milliseconds('e.' + field)} as {field}_ms" for field in TIME_FIELDS),
        "timestamp_ms + ifNull(received_at_ms - sent_at_ms, 0) as occurred_ms",
        f"ifNull(received_at_ms, if(kafka_ms < 0, {YEAR_2100_MS}, kafka_ms)) as seen_ms",
        f"multiIf({branches}, 1) as verdict",
        f"{sql_strings(classes)} as error_classes",
        f"{sql_strings(reasons)} as error_reasons",
    ]
    return "with\n    " + ",\n    ".join(expressions)


def sql_strings(values: list[str]) -> str:
    """A list of plain texts as an array literal."""
    return "[" + ", ".join("'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" for value in values) + "]"


def _is_suspect(stream: Stream) -> str:
    """Whether a text field may be an object, an array or a boolean: extracted as text, it begins or reads like one.

    A string may read so too, so the payload of these few rows is parsed again to tell.
    """
    fields = ", '\\n', ".join(f"e.{field}" for field in TEXT_FIELDS[stream])
    return f"multiSearchAny(concat('\\n', {fields}, '\\n'), ['\\n{{', '\\n[', '\\ntrue\\n', '\\nfalse\\n'])"


def _not_text(field: str) -> str:
    return f"JSONType(suspect_payload, '{field}') in ('Object', 'Array', 'Bool')"


def _type_rules(stream: Stream) -> list[tuple[str, str, str]]:
    if stream not in TYPES:
        return []
    allowed = ", ".join(f"'{name}'" for name in TYPES[stream])
    return [(WRONG_TYPE, f"type is none of {', '.join(TYPES[stream])}", f"e.type not in ({allowed})")]


def _wrong_properties(stream: Stream) -> str:
    # 'Null' is said of null and of an absent key alike.
    wrong = "properties_type not in ('Object', 'Null')"
    return f"{wrong} and not (e.type = 'unset' and properties_type = 'Array')" if stream is Stream.PEOPLE else wrong


def _out_of_range(ms: str) -> str:
    return f"{ms} < {YEAR_2000_MS} or {ms} >= {YEAR_2100_MS}"
