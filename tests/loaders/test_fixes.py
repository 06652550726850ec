"""Each fix, on what it mends and on what it leaves alone."""

import json

import pytest

from loaders import fixes

GOOD = b'{"event_id": "e", "timestamp": 1768478400000}'


@pytest.mark.parametrize(
    ("name", "payload", "mended"),
    [
        pytest.param("double_encoded", json.dumps(GOOD.decode()).encode(), GOOD, id="text that holds an object"),
        pytest.param("double_encoded", GOOD, None, id="an object"),
        pytest.param("double_encoded", b"no json", None, id="no JSON"),
        pytest.param("invalid_utf8", b'{"a": "\xff"}', '{"a": "\ufffd"}'.encode(), id="an invalid byte"),
        pytest.param("invalid_utf8", '{"a": "é"}'.encode(), None, id="valid text"),
        pytest.param("lone_surrogates", rb'{"a": "x\ud83d"}', rb'{"a": "x\ufffd"}', id="the first half"),
        pytest.param(
            "lone_surrogates", rb'{"a": "\uDE00\ud83d"}', rb'{"a": "\ufffd\ufffd"}', id="halves the wrong way round"
        ),
        pytest.param(
            "lone_surrogates",
            rb'{"a": "\ud83d\ud83d\ude00"}',
            rb'{"a": "\ufffd\ud83d\ude00"}',
            id="half of one before a whole",
        ),
        pytest.param(
            "lone_surrogates", rb'{"a": "\ud83d\ude00\\ud83d\n"}', None, id="a pair, and an escaped backslash"
        ),
        pytest.param("epoch_seconds", b'{"timestamp":1768478400}', b'{"timestamp":1768478400000}', id="seconds"),
        pytest.param("epoch_seconds", b'{"timestamp":1768478400.5}', b'{"timestamp":1768478400500}', id="a fraction"),
        pytest.param("epoch_seconds", GOOD, None, id="milliseconds"),
        pytest.param("epoch_seconds", b"[1768478400]", None, id="no object"),
    ],
)
def test_a_fix_mends_what_it_is_for_and_nothing_else(name: str, payload: bytes, mended: bytes | None) -> None:
    assert fixes.find(name)(payload) == mended


def test_every_fix_is_tested() -> None:
    assert fixes.names() == ["double_encoded", "epoch_seconds", "invalid_utf8", "lone_surrogates"]
