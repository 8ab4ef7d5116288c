"""Pages in Chromium, which may request nothing but parts of their own site."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first is the quickest
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window. Tests that have none fail in CI and are skipped elsewhere."""
    if not (CHROMIUM and find_spec("playwright") and find_spec("axe_playwright_python")):
        reason = "Run apt-get install chromium-headless-shell, and pip install playwright axe-playwright-python."
        (pytest.fail if "CI" in os.environ else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@contextmanager
def opened(browser: Any, place: Path | str, viewport: dict[str, int] = LAPTOP, **more: Any) -> Iterator[Any]:
    """The page of a file or an address; anything that it says, or requests of another site, is an error."""
    address = place.as_uri() if isinstance(place, Path) else place
    site = "/".join(address.split("/")[:3])
    context = browser.new_context(viewport=viewport, offline=isinstance(place, Path), **more)
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.goto(address)
    yield page
    context.close()
    assert [words for words in said if not words.startswith((f"{site}/", "data:", "blob:"))] == []


def violations(page: Any) -> str:
    """What axe finds."""
    from axe_playwright_python.sync_playwright import Axe

    report = Axe().run(page)
    return str(report.generate_report()) if report.violations_count else ""
