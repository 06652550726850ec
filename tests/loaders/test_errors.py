"""Each way to be kept out is one clear line."""

import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr

from loaders.errors import BrokerError, ThroughlineError, WarehouseRefusedError, WarehouseUnreachableError
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from loaders.warehouse import ClickHouse
from local.stack import Stack
from tests.support.clients import by_client
from tests.support.loader_process import start
from tests.support.topics import create, event, produce


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


def with_changes(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update=changes)


def test_a_clickhouse_that_is_away_is_named(own: Settings, nobody: str) -> None:
    with pytest.raises(WarehouseUnreachableError, match=f"ClickHouse does not answer at http://{nobody}"):
        load_until_caught_up(with_changes(own, clickhouse_url=f"http://{nobody}"))


def test_a_wrong_password_is_named(own: Settings) -> None:
    with pytest.raises(WarehouseRefusedError, match="check CLICKHOUSE_LOADER_USER and CLICKHOUSE_LOADER_PASSWORD"):
        load_until_caught_up(with_changes(own, clickhouse_loader_password=SecretStr("wrong")))


def test_a_missing_grant_is_named(own: Settings) -> None:
    as_bi = with_changes(
        own, clickhouse_loader_user=own.clickhouse_bi_user, clickhouse_loader_password=own.clickhouse_bi_password
    )
    with pytest.raises(WarehouseRefusedError, match="user bi lacks a grant"):
        load_until_caught_up(as_bi)


@by_client
def test_a_kafka_that_is_away_is_named(own: Settings, nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.kafka_config.BOOTSTRAP_MS", 1_500)
    monkeypatch.setattr("loaders.confluent.ANSWER_SECONDS", 1.5)
    with pytest.raises(BrokerError, match=f"Kafka at {nobody} fails"):
        load_until_caught_up(with_changes(own, kafka_bootstrap=nobody))


def test_a_client_that_is_not_installed_is_named(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    monkeypatch.delitem(sys.modules, "loaders.confluent", raising=False)

    with pytest.raises(ThroughlineError, match=r"not installed: `pip install '\.\[confluent"):
        load_until_caught_up(with_changes(own, throughline_kafka_client="confluent-kafka"))


def test_an_insert_to_a_server_that_is_away_has_an_unknown_outcome(own: Settings, nobody: str) -> None:
    with pytest.raises(WarehouseUnreachableError):
        ClickHouse(with_changes(own, clickhouse_url=f"http://{nobody}")).insert_block("insert", b"", query_id="q")


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        pytest.param(413, WarehouseRefusedError, "HTTP 413 .*THROUGHLINE_BATCH_BYTES", id="too large a request"),
        pytest.param(404, WarehouseRefusedError, "HTTP 404 Not Found", id="no such path"),
        pytest.param(429, WarehouseUnreachableError, "HTTP 429 Too Many Requests", id="too many requests"),
        pytest.param(502, WarehouseUnreachableError, "HTTP 502 Bad Gateway", id="ClickHouse is away behind it"),
    ],
)
def test_a_proxy_that_answers_an_insert_itself_is_named(
    own: Settings, status: int, error: type[ThroughlineError], said: str
) -> None:
    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(status)

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Proxy) as server:
        Thread(target=server.handle_request, daemon=True).start()
        behind = with_changes(own, clickhouse_url=f"http://127.0.0.1:{server.server_address[1]}")
        with pytest.raises(error, match=said):
            ClickHouse(behind).insert_block("insert", b"", query_id="q")


def test_the_command_line_says_it_in_one_line_and_exits_1(own: Settings, nobody: str) -> None:
    process = start(with_changes(own, clickhouse_url=f"http://{nobody}"), "load", "--until-caught-up")
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert [line for line in output.splitlines() if line.startswith("error:")]
    assert "Traceback" not in output


def test_a_broker_killed_while_loading_is_waited_for(own: Settings, stack: Stack) -> None:
    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [event(number, pad="x" * 2000) for number in range(20_000)])
    loader = start(own.model_copy(update={"throughline_batch_rows": 500}), "load", "--until-caught-up")
    stack.kill("kafka")
    stack.up()
    output, _ = loader.communicate(timeout=90)

    summary = load_until_caught_up(own)
    warehouse = ClickHouse(own)
    [[rows, distinct]] = warehouse.rows(f"select count(), uniqExact(offset) from {warehouse.database}.events")

    assert loader.returncode in (0, 1), output
    assert "Traceback" not in output
    assert (rows, distinct) == (20_000, 20_000), summary
