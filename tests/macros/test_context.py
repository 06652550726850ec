"""What the address of a page or of a referrer says."""

import pytest

from tests.macros.harness import Macros, query

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
        pytest.param({"url": "https://shop.example?to=https://other.example/x"}, "", id="an address in the query"),
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
