"""A browser that tests of pages share."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from .browsing import CHROMIUM


@pytest.fixture(autouse=True)
def _checked_charts(monkeypatch) -> None:
    """Altair checks each part of a chart where it is made, which pages leave out for the sake of time."""
    monkeypatch.setattr("toolkit.report.page.unchecked", nullcontext)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
