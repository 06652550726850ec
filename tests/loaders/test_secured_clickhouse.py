"""A warehouse behind TLS."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from loaders.errors import WarehouseUnreachableError
from loaders.run import load_until_caught_up
from loaders.settings import Settings
from tests.support.certificates import Authority
from tests.support.loader_process import start
from tests.support.tls_proxy import tls_in_front_of
from tests.support.topics import create, event, produce


@pytest.fixture
def secured(own: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of the way over TLS, and a topic with three records, one of them unusable."""
    create(own, own.throughline_topics_events)
    produce(own, own.throughline_topics_events, [event(0), b"{", event(2)])
    authority = Authority(tmp_path)
    with tls_in_front_of(urlsplit(own.clickhouse_url).port or 0, authority.issue("clickhouse")) as address:
        yield own.model_copy(update={"clickhouse_url": f"https://{address}", "clickhouse_ca_file": authority.file})


def test_rows_land_over_tls(secured: Settings) -> None:
    summary = load_until_caught_up(secured)

    assert (summary.usable, summary.sidelined) == (2, 1)


def test_a_server_of_another_authority_is_not_trusted(secured: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stranger = secured.model_copy(update={"clickhouse_ca_file": Authority(other).file, "throughline_retry_seconds": 0})

    with pytest.raises(WarehouseUnreachableError, match="certificate verify failed"):
        load_until_caught_up(stranger)


def test_dbt_connects_over_tls(secured: Settings, tmp_path: Path) -> None:
    output, _ = start(secured, "dbt", "debug", "--connection", "--log-path", str(tmp_path)).communicate(timeout=60)

    assert "All checks passed" in output
