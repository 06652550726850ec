"""Tokens for SASL OAUTHBEARER: from the token endpoint of an identity provider, or printed by a command."""

import base64
import json
import shlex
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

from loaders.errors import BrokerError
from loaders.settings import Settings

ANSWER_SECONDS = 10.0
# A token is renewed after this part of its life.
RENEW_AFTER = 0.8
# How long a token is good for that does not say it.
UNKNOWN_LIFE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; `expires_at` is in seconds since 1970."""

    value: str = field(repr=False)
    expires_at: float


@dataclass(slots=True)
class Tokens:
    """Hands out a token that has some of its life left. Safe to use from several threads."""

    fetch: Callable[[], Token]
    clock: Callable[[], float] = time.time
    _token: Token | None = None
    _renew_at: float = 0.0
    _lock: Any = field(default_factory=Lock)

    def get(self) -> Token:
        """Raises `BrokerError` where there is none to be had."""
        with self._lock:
            now = self.clock()
            if self._token is None or now >= self._renew_at:
                self._token = self.fetch()
                self._renew_at = now + RENEW_AFTER * (self._token.expires_at - now)
            return self._token


@lru_cache
def tokens_of(settings: Settings) -> Tokens:
    """The tokens of this process: its clients share them."""
    if settings.kafka_oauth_token_command:
        command = settings.kafka_oauth_token_command
        return Tokens(lambda: from_command(command))
    if settings.kafka_oauth_token_url:
        return Tokens(lambda: from_endpoint(settings))
    raise BrokerError("KAFKA_SASL_MECHANISM is OAUTHBEARER: set KAFKA_OAUTH_TOKEN_URL, or KAFKA_OAUTH_TOKEN_COMMAND")


def from_command(command: str) -> Token:
    """The token that a command prints: alone, or as the JSON object that a token endpoint answers."""
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=30, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # Of the command itself nothing: it may hold a secret.
        raise BrokerError(f"KAFKA_OAUTH_TOKEN_COMMAND fails ({type(error).__name__}): run it by hand to see") from None
    text = done.stdout.strip()
    return read_token(text if text.startswith("{") else json.dumps({"access_token": text}), "KAFKA_OAUTH_TOKEN_COMMAND")


def from_endpoint(settings: Settings) -> Token:
    """The client-credentials flow of OAuth 2.0, https://www.rfc-editor.org/rfc/rfc6749#section-4.4"""
    url, secret = settings.kafka_oauth_token_url or "", settings.kafka_oauth_client_secret
    form = {"grant_type": "client_credentials"}
    if settings.kafka_oauth_scope:
        form["scope"] = settings.kafka_oauth_scope
    # The two are form-encoded before they are joined, says section 2.3.1.
    pair = (settings.kafka_oauth_client_id or "", secret.get_secret_value() if secret else "")
    credentials = base64.b64encode(":".join(map(urllib.parse.quote_plus, pair)).encode()).decode()
    request = urllib.request.Request(
        url, urllib.parse.urlencode(form).encode(), {"Authorization": f"Basic {credentials}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            return read_token(answer.read().decode(), url)
    except urllib.error.HTTPError as error:
        raise BrokerError(
            f"{url} gives no token (HTTP {error.code}): check KAFKA_OAUTH_CLIENT_ID, _CLIENT_SECRET and _SCOPE"
        ) from error
    except (OSError, ValueError) as error:
        raise BrokerError(f"{url} does not answer ({error}): check KAFKA_OAUTH_TOKEN_URL") from error


def read_token(text: str, where: str, *, clock: Callable[[], float] = time.time) -> Token:
    """The token of an endpoint's answer. It ends when the answer says so, or else when a JWT itself does."""
    try:
        answer = json.loads(text)
        value = answer["access_token"]
    except (ValueError, TypeError, KeyError):
        value = None
    if not isinstance(value, str) or not value:
        raise BrokerError(f"{where} answers without an access_token")
    if "expires_in" in answer:
        return Token(value, clock() + float(answer["expires_in"]))
    return Token(value, _expiry(value) or clock() + UNKNOWN_LIFE_SECONDS)


def _expiry(value: str) -> float | None:
    """What a JWT says of its end; None where it is none or says nothing."""
    try:
        claims = value.split(".")[1]
        return float(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
    except (ValueError, LookupError, TypeError):
        return None
