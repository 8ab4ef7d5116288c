"""The flag that writes the rendered sentences anew, and a browser that tests of pages share."""

from collections.abc import Iterator
from typing import Any

import pytest

from .browsing import CHROMIUM, require_browser


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest tests/report --rendered`` writes sentences.txt anew, to be reviewed as a diff."""
    parser.addoption("--rendered", action="store_true", help="write tests/report/sentences.txt anew")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    require_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
