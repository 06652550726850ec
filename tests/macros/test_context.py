"""What the address of a page or of a referrer says, and what a user agent does."""

import csv

import pytest

from loaders.settings import PROJECT_DIR
from tests.macros.harness import Macros, execute, query

MACROS = Macros()


def literal(text: str) -> str:
    return str(MACROS.call("string_literal", text))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        pytest.param("https://shop.example/p/1", "shop.example", id="plain"),
        pytest.param("HTTPS://WWW.Shop.Example:8443/A", "www.shop.example", id="capitals and a port"),
        pytest.param("https://ada:secret@shop.example/x", "shop.example", id="a user"),
        pytest.param("shop.example/p", "shop.example", id="no scheme"),
        pytest.param("//shop.example/p", "shop.example", id="the scheme of the page"),
        pytest.param("https://shop.example?to=https://other.example/x", "shop.example", id="an address in the query"),
        pytest.param("https://shop.example./x", "shop.example", id="the dot of the root"),
        pytest.param("https://[2001:db8::1]:80/x", "2001:db8::1", id="a number of version 6"),
        pytest.param("http://10.0.0.1/x", "10.0.0.1", id="a number of version 4"),
        pytest.param("http://localhost:3000/x", "localhost", id="no dot, a port"),
        pytest.param("http://ada@Intranet?page=1", "intranet", id="no dot, a user"),
        pytest.param("android-app://com.google.android.gm/", "com.google.android.gm", id="an app"),
        pytest.param("file:///a/b", "", id="a file"),
        pytest.param("about:blank", "", id="about"),
        pytest.param("/p/1", "", id="a path"),
        pytest.param("https://not a host/x", "", id="blanks"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert query(f"select {MACROS.call('host_of', literal(url))} as host") == [{"host": host}]


@pytest.mark.parametrize(
    ("host", "site"),
    [("www.shop.example", "shop.example"), ("shop.example", "shop.example"), ("awww.example", "awww.example")],
)
def test_only_the_www_in_front_of_a_host_is_left_out(host: str, site: str) -> None:
    assert query(f"select {MACROS.call('without_www', literal(host))} as site") == [{"site": site}]


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        pytest.param({"url": "https://shop.example/a/b?c=/d#e"}, "/a/b", id="of the address"),
        pytest.param({"url": "https://shop.example?to=https://other.example/x"}, "/", id="an address in the query"),
        pytest.param({"url": "//shop.example#top"}, "/", id="a host alone"),
        pytest.param({"url": "about:blank"}, "", id="no host"),
        pytest.param({"url": "about:blank", "page": "/b"}, "/b", id="no path, but a page"),
        pytest.param({"url": "https://shop.example/?to=https://other.example/x"}, "/", id="and a path before it"),
        pytest.param({"url": "https://shop.example/a", "page": "/b"}, "/a", id="the address before the page"),
        pytest.param({"page": "/b?c=/d"}, "/b", id="of the page"),
    ],
)
def test_the_path_of_a_page(properties: dict[str, str], path: str) -> None:
    values = ", ".join(f"{literal(properties.get(name, ''))} as {name}" for name in ("url", "page"))
    assert query(f"select {MACROS.call('page_path_of', 'url', 'page')} as path from (select {values})") == [
        {"path": path}
    ]


@pytest.fixture(scope="module")
def _bots_are_listed() -> None:
    """The list of the project, and as many patterns before it as need two searches."""
    with (PROJECT_DIR / "seeds" / "bot_user_agents.csv").open() as file:
        rows = [(row["pattern"], row["but_not"]) for row in csv.DictReader(file)]
    rows += [(f"a{number}/", f"b{number}/|c{number}/") for number in range(300)]
    execute("drop table if exists bot_user_agents")
    execute("create table bot_user_agents (pattern String, but_not String) engine = Memory")
    execute(f"insert into bot_user_agents values {', '.join(map(str, rows))}")


@pytest.mark.usefixtures("_bots_are_listed")
@pytest.mark.parametrize(
    ("agent", "is_bot"),
    [
        pytest.param("Mozilla/5.0 (compatible; Googlebot/2.1)", True, id="a bot"),
        pytest.param("WGET/1.21", True, id="in capitals, past the first 255"),
        pytest.param("Mozilla/5.0 (Linux; Android 11; CUBOT X50) Chrome/90 Mobile Safari/537.36", False, id="a phone"),
        pytest.param("Mozilla/5.0 (Linux; Android 11; CUBOT X50) AdsBot-Google-Mobile", True, id="a bot as a phone"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_bot_is_told_by_its_user_agent(agent: str, is_bot: bool) -> None:
    [row] = query(f"select {MACROS.call('is_bot', literal(agent))} as is_bot")
    assert bool(row["is_bot"]) is is_bot


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        pytest.param("LowCardinality(String)", "'a'", "a", id="a text"),
        pytest.param("Nullable(Int64)", "7", "7", id="a number"),
        pytest.param("Nullable(Int64)", "null", "", id="no number"),
        pytest.param("Array(String)", "['a']", "['a']", id="a list"),
        pytest.param(None, "''", "", id="not planned"),
    ],
)
def test_a_planned_column_is_read_as_text_whatever_its_type(type_: str | None, value: str, text: str) -> None:
    plan = [{"property": "page", "column": "page", "type": "String"}]
    if type_ is not None:
        plan.append({"property": "url", "column": "url", "type": type_})
    sql = Macros({"planned_properties": plan}).call("planned_text", "url")
    column = f"{value}::{type_} as url" if type_ is not None else "1 as other"
    assert query(f"select {sql} as text from (select {column})") == [{"text": text}]
