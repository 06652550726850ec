"""The pictures of docs/operations.md, taken from a running Dagster: `make screenshots`.

Starts a stack of its own with a little data, runs `load` and `check_raw` on it, and lets a headless Chromium look.
Needs Debian's chromium, or another that CHROMIUM names.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from loaders.errors import ThroughlineError
from loaders.settings import PROJECT_DIR
from local.stack import Stack

IMAGES = PROJECT_DIR / "docs" / "images"
THROUGHLINE = str(Path(sys.executable).parent / "throughline")
# Name of the picture: the page of Dagster, what has to stand there, and what is clicked then, one after the other.
PAGES: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "asset-graph": ("/asset-groups", "dashboards", []),
    "failed-check": ("/assets/raw/events?view=checks", "values", ["values", "[Show Markdown]"]),
}


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="throughline-screenshots-", dir="/tmp"))
    stack = Stack(folder)
    try:
        settings = stack.up()
        environment = {**os.environ, **settings.as_environment(), "THROUGHLINE_LOCAL_DIR": str(folder)}
        _run(environment, "simulate", "--people", "200", "--days", "3", "--out", str(folder / "input"))
        _run(environment, "produce", str(folder / "input"))
        _run(environment, "dagster", "job", "execute", "-j", "load", "-m", "orchestration.definitions")
        _spoil(stack)
        _run(environment, "dagster", "job", "execute", "-j", "check_raw", "-m", "orchestration.definitions")
        stack.up(dagster=True)
        _look(stack.service("dagster").url)
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


def _spoil(stack: Stack) -> None:
    """One record of tomorrow and of a class that nobody knows, so that there is something to find."""
    from loaders.warehouse import connect

    connect(stack.settings()).command(
        "insert into raw.events select * replace('unheard_of' as error_class, offset + 1000000 as offset, "
        "now64(3) + interval 1 day as kafka_timestamp) from raw.events limit 1"
    )


def _look(url: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium") or _missing(),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        for name, (path, text, clicks) in PAGES.items():
            page.goto(url + path, timeout=120_000)
            page.get_by_text(text, exact=True).first.wait_for(timeout=120_000)
            _shoot(page, clicks, IMAGES / f"{name}.png")
        browser.close()


def _shoot(page: Page, clicks: Sequence[str], image: Path) -> None:
    for text in clicks:
        page.get_by_text(text, exact=True).first.click(timeout=120_000)
    # Graphs are laid out after their nodes are there.
    time.sleep(5)
    page.screenshot(path=image)
    print(f"{image.relative_to(PROJECT_DIR)}: {page.url}")


def _run(environment: Mapping[str, str], *arguments: str) -> None:
    subprocess.run([THROUGHLINE, *arguments], env=dict(environment), cwd=PROJECT_DIR, check=True)


def _missing() -> str:
    raise ThroughlineError(
        "there is no chromium: install it (Debian: apt-get install chromium), or set CHROMIUM to one"
    )


if __name__ == "__main__":
    main()
