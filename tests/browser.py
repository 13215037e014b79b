"""A browser for tests of what people look at; tests are skipped where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (  # it asks for nothing by itself
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


@contextmanager
def chromium(*arguments: str) -> Iterator[Any]:
    """The browser, started with these arguments beside the quiet ones."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: the page was not opened")
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: the page was not opened in a browser")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*QUIET, *arguments])
        yield browser
        browser.close()
