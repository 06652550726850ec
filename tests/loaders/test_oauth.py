"""Tokens: how long each is used, and what a command or an endpoint may answer."""

import base64
import json
import shlex
import traceback

import pytest

from loaders.errors import BrokerError
from loaders.oauth import Token, Tokens, from_command, read_token


def jwt(**claims: float) -> str:
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".x"


def test_a_token_is_used_until_a_fifth_of_its_life_is_left() -> None:
    now = 1000.0
    fetched = [Token("first", 1100.0), Token("second", 1200.0)]
    tokens = Tokens(lambda: fetched.pop(0), clock=lambda: now)

    assert [tokens.get().value, tokens.get().value] == ["first", "first"]
    now = 1079.0
    assert tokens.get().value == "first"
    now = 1080.0
    assert tokens.get().value == "second"


@pytest.mark.parametrize(
    ("answer", "expires_at"),
    [
        pytest.param({"access_token": "t", "expires_in": 60}, 1060, id="the answer says"),
        pytest.param({"access_token": jwt(exp=1234)}, 1234, id="the token itself says"),
        pytest.param({"access_token": jwt(exp=1234), "expires_in": 60}, 1060, id="the answer wins"),
        pytest.param({"access_token": "opaque"}, 1300, id="nobody says"),
    ],
)
def test_the_end_of_a_token(answer: dict[str, object], expires_at: float) -> None:
    assert read_token(json.dumps(answer), "here", clock=lambda: 1000.0).expires_at == expires_at


@pytest.mark.parametrize("answer", ["", "no json", "[]", "{}", '{"access_token": ""}', '{"access_token": 1}'])
def test_an_answer_without_a_token_is_named(answer: str) -> None:
    with pytest.raises(BrokerError, match="here answers without an access_token"):
        read_token(answer, "here")


@pytest.mark.parametrize("printed", ["abc", '{"access_token": "abc", "expires_in": 60}'])
def test_a_command_prints_a_token_alone_or_as_json(printed: str) -> None:
    assert from_command(shlex.join(["echo", printed])).value == "abc"


@pytest.mark.parametrize("command", ["false", "/no/such/command", "echo 'unclosed"])
def test_a_command_that_fails_is_named(command: str) -> None:
    with pytest.raises(BrokerError, match="KAFKA_OAUTH_TOKEN_COMMAND fails") as failed:
        from_command(command)
    # Of the command, which may hold a secret, nothing is told, nor by what caused the error.
    assert command not in "".join(traceback.format_exception(failed.value.with_traceback(None)))
