"""A CSV row becomes the message that its mapping describes, or a bad line that says why not."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from local.produce.csv_rows import read_csv
from local.produce.errors import MappingError
from local.produce.mapping import CsvMapping
from local.produce.message import BadLine, Message
from local.produce.reading import Reading
from local.produce.sources import find_sources

MAPPING = """
envelope: {event: action, timestamp: at, user_id: who, device_id: "{who}-{on}"}
constants: {project_id: shop}
properties: {price: price, note: note}
numbers: [price]
rename_events: {bought: purchase}
"""
HEADER = b"who,on,action,at,price,note"


def mapping_of(text: str) -> CsvMapping:
    return CsvMapping.model_validate(yaml.safe_load(text))


def read(rows: list[bytes], mapping: str = MAPPING, header: bytes = HEADER) -> list[tuple[int, Message | BadLine]]:
    lines = [(number, line + b"\n") for number, line in enumerate([header, *rows], start=1)]
    return list(read_csv(lines, mapping_of(mapping), Path("log.csv")))


def bodies(rows: list[bytes], mapping: str = MAPPING) -> list[dict[str, Any]]:
    return [orjson.loads(entry.value) for _, entry in read(rows, mapping) if isinstance(entry, Message)]


def test_a_row_becomes_the_message_of_its_mapping() -> None:
    [(number, message)] = read([b'ann,phone,bought,2025-09-01 10:00:00,19.90,"so, ""nice"""'])
    assert isinstance(message, Message)
    body = orjson.loads(message.value)
    assert len(body.pop("event_id")) == 36
    assert (number, message.key, message.time_ms) == (2, b"ann-phone", 1_756_720_800_000)
    assert body == {
        "event": "purchase",
        "timestamp": "2025-09-01 10:00:00",
        "user_id": "ann",
        "device_id": "ann-phone",
        "project_id": "shop",
        "properties": {"price": 19.9, "note": 'so, "nice"'},
    }


def test_an_event_id_is_that_of_the_row_each_time_and_differs_between_rows() -> None:
    rows = [b"ann,phone,seen,2025-09-01,1,", b"ann,phone,seen,2025-09-01,1,"]
    first, second = ([body["event_id"] for body in bodies(rows)] for _ in range(2))
    assert first == second
    assert len(set(first)) == 2


def test_a_bad_row_does_not_change_the_ids_of_the_rows_after_it() -> None:
    good = b"ann,phone,seen,2025-09-01,1,"
    assert bodies([good, good])[1]["event_id"] == bodies([b"broken", good])[0]["event_id"]


def test_an_empty_cell_is_a_property_that_is_not_there() -> None:
    assert bodies([b"ann,phone,seen,2025-09-01,,"])[0]["properties"] == {}


def test_whole_numbers_stay_whole_and_epoch_times_numbers() -> None:
    [body] = bodies([b"ann,phone,seen,1756720800000,-3,"])
    assert body["timestamp"] == 1_756_720_800_000
    assert orjson.dumps(body["properties"]) == b'{"price":-3}'


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(b"ann,phone", "2 cells where the header has 6", id="too few cells"),
        pytest.param(b"ann,phone,seen,2025-09-01,1,,", "7 cells", id="too many cells"),
        pytest.param(b"ann,phone,seen,soon,1,", "timestamp is no time", id="no time"),
        pytest.param(b"ann,phone,seen,,1,", "timestamp is no time", id="an empty time"),
        pytest.param(b"ann,phone,seen,2025-09-01,cheap,", "properties.price is no number", id="no number"),
        pytest.param(b"ann,phone,seen,2025-09-01,nan,", "properties.price is no number", id="not a number"),
        pytest.param(b"ann,phone,seen,2025-09-01,18446744073709551616,", "beyond 64 bits", id="a large number"),
        pytest.param(b"ann,phone,seen,2025-09-01,-9223372036854775809,", "beyond 64 bits", id="a large negative one"),
        pytest.param(b'ann,phone,seen,2025-09-01,1,"a"b', "not CSV", id="a quote in a quoted cell"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_reason_and_costs_only_itself(row: bytes, reason: str) -> None:
    good = b"ann,phone,seen,2025-09-01,1,"
    entries = read([good, b"", row, good])
    assert [number for number, _ in entries] == [2, 4, 5]
    bad = entries[1][1]
    assert isinstance(bad, BadLine)
    assert reason in bad.reason
    assert (bad.number, bad.value) == (4, row)
    assert isinstance(entries[2][1], Message)


GOOD = b"ann,phone,seen,2025-09-01,1,"


@pytest.mark.parametrize(
    "unclosed",
    [
        pytest.param(b'"ann,phone,seen,2025-09-01,1,', id="in the first cell"),
        pytest.param(b'ann,phone,seen,2025-09-01,1,"so', id="in the last cell"),
    ],
)
@pytest.mark.parametrize("following", [3, 10_000])
def test_a_quote_that_nothing_closes_costs_its_own_line_only(unclosed: bytes, following: int) -> None:
    entries = read([GOOD, unclosed, *[GOOD] * following])
    assert [number for number, _ in entries] == list(range(2, following + 4))
    [bad] = [entry for _, entry in entries if isinstance(entry, BadLine)]
    assert (bad.number, bad.value) == (3, unclosed)


def test_a_quote_that_a_later_row_closes_by_chance_takes_no_row_along() -> None:
    quoting = b'bob,phone,seen,2025-09-01,1,", so"'
    entries = read([b'"ann,phone,seen,2025-09-01,1,', GOOD, quoting, GOOD])
    assert [number for number, entry in entries if isinstance(entry, BadLine)] == [2]
    assert [number for number, entry in entries if isinstance(entry, Message)] == [3, 4, 5]


def test_a_row_whose_quotes_have_no_end_is_given_up_and_costs_its_own_lines_only() -> None:
    entries = read([*[b'x",y,"z'] * 2_000, b'"', GOOD])
    assert [number for number, entry in entries if isinstance(entry, Message)] == [2_003]
    [first, *_] = [entry for _, entry in entries if isinstance(entry, BadLine)]
    assert (first.number, first.reason) == (2, "not CSV: no end within 1,000 lines")


def test_a_cell_keeps_its_line_ends_and_blank_lines() -> None:
    [(number, message), (after, _)] = read([b'ann,phone,seen,2025-09-01,1,"a\r', b"\r", b'b"\r', b"\r", GOOD])
    assert isinstance(message, Message)
    assert orjson.loads(message.value)["properties"]["note"] == "a\r\n\r\nb"
    assert (number, after) == (2, 6)


def test_a_bad_row_of_several_lines_is_one_with_all_its_bytes() -> None:
    [(_, bad), (after, _)] = read([b'ann,phone,seen,soon,1,"a', b'b"', GOOD])
    assert isinstance(bad, BadLine)
    assert (bad.number, bad.value, after) == (2, b'ann,phone,seen,soon,1,"a\nb"', 4)


def test_an_empty_time_of_sending_or_receipt_is_left_out() -> None:
    mapping = "envelope: {event: action, timestamp: at, user_id: who, sent_at: price, received_at: note}"
    [body] = bodies([b"ann,phone,seen,2025-09-01,,"], mapping)
    assert "sent_at" not in body
    assert "received_at" not in body


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert len(read([b"ann,phone,seen,2025-09-01,1,"], header=b"\xef\xbb\xbf" + HEADER)) == 1


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        pytest.param("envelope: {event: what}", "no column 'what' for event; the header has who, on", id="column"),
        pytest.param('envelope: {device_id: "{who}/{where}"}', "no column 'where' for device_id", id="in braces"),
        pytest.param("envelope: {event: action}\nproperties: {a: b}", "no column 'b' for properties.a", id="property"),
    ],
)
def test_a_column_that_is_missing_is_named(mapping: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        read([b"ann,phone,seen,2025-09-01,1,"], mapping)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("envelope: {evnt: action}", "envelope.evnt", id="an unknown key of the envelope"),
        pytest.param("columns: {}", "envelope: Field required", id="no envelope"),
        pytest.param("envelope: [", "not YAML", id="no YAML"),
        pytest.param("", "the file", id="nothing"),
    ],
)
def test_a_wrong_mapping_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "mapping.yml"
    file.write_text(text)
    with pytest.raises(MappingError, match=message) as raised:
        CsvMapping.read(file)
    assert str(file) in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("mapping", "device"),
    [
        pytest.param('envelope: {device_id: "{user.id}-{on:at}"}', "ann-phone", id="dots and colons"),
        pytest.param('envelope: {device_id: "{{{a[0]}}}!"}', "{x}!", id="brackets, and braces that stay"),
    ],
)
def test_a_name_in_braces_is_a_column_whatever_its_letters(mapping: str, device: str) -> None:
    [(_, message)] = read([b"ann,phone,x"], mapping, header=b"user.id,on:at,a[0]")
    assert isinstance(message, Message)
    assert orjson.loads(message.value)["device_id"] == device


def test_braces_that_are_not_closed_are_one_clear_line() -> None:
    with pytest.raises(MappingError, match=r"log\.csv: device_id: '\{who' is no text with columns in braces"):
        read([GOOD], 'envelope: {device_id: "{who"}')


def test_a_header_of_another_delimiter_is_one_clear_line() -> None:
    with pytest.raises(MappingError, match=r"log\.csv: the header is not CSV .*: is ',' the delimiter\?"):
        read([], header=b'"who";"on"')


def test_a_mapping_of_another_encoding_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "mapping.yml"
    file.write_bytes("envelope: {event: Größe}".encode("latin-1"))
    with pytest.raises(MappingError, match=r"mapping\.yml: not YAML"):
        CsvMapping.read(file)


def csv_files(folder: Path) -> list[Path]:
    files = [folder / "january.csv", folder / "february.csv"]
    for file in files:
        file.write_bytes(HEADER + b"\n" + GOOD + b"\n")
    return files


def test_files_whose_rows_would_have_the_same_ids_are_refused(tmp_path: Path) -> None:
    first, second = csv_files(tmp_path)
    reading = Reading(find_sources([first, second]), mapping_of(MAPPING))
    with pytest.raises(MappingError, match=f"{second}: .* the ids of those of {first}.*event_id_namespace"):
        list(reading.chunks())


def test_files_with_ids_of_their_own_are_read_under_one_mapping(tmp_path: Path) -> None:
    mapping = mapping_of(MAPPING.replace("user_id: who", "event_id: who"))
    [chunk] = Reading(find_sources(csv_files(tmp_path)), mapping).chunks()
    assert len(chunk.entries) == 2


def test_a_file_without_a_header_is_one_clear_line() -> None:
    with pytest.raises(MappingError, match=r"log\.csv: empty"):
        list(read_csv([], mapping_of(MAPPING), Path("log.csv")))
