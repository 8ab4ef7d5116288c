"""The server as people use it: in Chromium, under its own strict policy, with the keyboard, and two at once."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

from tests.report.browsing import CHROMIUM, LAPTOP, PHONE
from toolkit.report.explorer import cut_passage
from toolkit.results.comparison import Comparison
from toolkit.serve import processes

from .conftest import CHAR, TOKEN, WORD, checked, serving

pytestmark = pytest.mark.slow
SENTENCE = "The keeper wrote."


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
def opened(browser: Any, server: Any, path: str, viewport: dict[str, int] = LAPTOP, **more: Any) -> Iterator[Any]:
    """A page of the server; anything that it says in the console is an error, such as a broken policy."""
    context = browser.new_context(viewport=viewport, **more)
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{server.address}{path}{'&' if '?' in path else '?'}token={TOKEN}")
    yield page
    context.close()
    assert said == []


def violations(page: Any) -> str:
    """What axe finds."""
    from axe_playwright_python.sync_playwright import Axe

    report = Axe().run(page)
    return str(report.generate_report()) if report.violations_count else ""


def submitted(page: Any, form: str, status: str | re.Pattern[str] = "Done.") -> None:
    """Submit a form and wait for its end."""
    from playwright.sync_api import expect

    page.locator(f"#{form} button[type=submit]").click()
    expect(page.locator(f"#{form} [role=status]")).to_have_text(status, timeout=60_000)


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(LAPTOP, "light"), (PHONE, "dark"), (PHONE, "light"), (LAPTOP, "dark")]
)
def test_each_view_fits_its_screen_and_axe_finds_nothing(browser, server, viewport, scheme) -> None:
    with opened(browser, server, "/", viewport, color_scheme=scheme) as page:
        page.locator("svg polyline").first.wait_for()
        assert violations(page) == ""
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        page.get_by_text("Playground").click()
        for form in ("read", "write", "cut"):
            submitted(page, form)
        submitted(page, "guess", re.compile("right so far"))
        assert violations(page) == ""
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_keyboard_alone_reads_writes_and_guesses(browser, server, models, library, monkeypatch) -> None:
    from playwright.sync_api import expect

    with opened(browser, server, f"/play?left={CHAR}&right={WORD}") as page:

        def reach(selector: str) -> None:
            for _ in range(40):
                page.keyboard.press("Tab")
                if page.evaluate(f"document.activeElement.matches({selector!r})"):
                    return
            pytest.fail(f"Tab does not reach {selector}")

        reach("#read textarea")
        page.keyboard.press("Control+A")
        page.keyboard.type(SENTENCE)
        reach("#read [type=submit]")
        page.keyboard.press("Enter")
        expect(page.locator("#read [role=status]")).to_have_text("Done.", timeout=60_000)
        sums = [
            page.locator(f"section:has(#read) .card.{side} header span").inner_text()
            for side in ("left", "right")
        ]
        assert sums == [
            f"{bits:.1f} bits, {bits / len(SENTENCE):.3f} per character"
            for bits in (models[name].bits(SENTENCE) for name in (CHAR, WORD))
        ]
        reach(".left .text")
        for key, shown in (("ArrowRight", "“h”"), ("End", "“end of text”"), ("Home", "“T”")):
            page.keyboard.press(key)
            assert page.locator(".left .detail strong").inner_text().startswith(shown)
        assert page.locator(".left .detail").inner_text().count(" %") == 5
        monkeypatch.setattr(processes, "MAX_PROCESSES", 0)  # all requests wait
        reach("#write [name=length]")
        page.keyboard.press("Enter")
        expect(page.locator("#write [role=status]")).to_contain_text("queue")
        reach("#write .cancel")
        page.keyboard.press("Enter")
        expect(page.locator("#write [role=status]")).to_have_text("Cancelled.")
        reach("#guess button")
        page.keyboard.press("Enter")
        page.locator("#passage").wait_for()
        results = Comparison.load(library / "counted" / "comparison.json")
        by_author = set(map(cut_passage, results.author_passages))
        while page.locator("#passage").is_visible():
            assert page.evaluate("document.activeElement.id") == "passage"  # so that it is read out
            writer = "author" if page.locator("#passage").inner_text().strip("… ") in by_author else "machine"
            reach(f"[data-said={writer}]")
            page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "score"
        rows = page.locator("#score tbody tr").all_inner_texts()
        assert len(rows) == 3
        assert all(right == number for _, number, right in (row.split("\t") for row in rows))


def test_two_browsers_at_once_get_their_own_answers(browser, server, models) -> None:
    texts = ("The lamp of the old keeper burned low. " * 40, "No ship!")
    with opened(browser, server, "/play") as one, opened(browser, server, "/play") as two:
        for page, text in zip((one, two), texts, strict=True):
            page.locator("#models [name=left]").select_option(WORD)
            page.locator("#read textarea").fill(text)
            page.locator("#read [type=submit]").click()
        for page, text in zip((one, two), texts, strict=True):
            total = f"{models[WORD].bits(text):.1f} bits"
            page.locator("section:has(#read) .left header", has_text=total).wait_for(timeout=60_000)


def test_curves_grow_and_the_list_is_loaded_again_at_the_end(browser, tmp_path, library) -> None:
    folder = tmp_path / "begun"
    checked(folder / "runs" / "char-seed0", 2)
    with serving(tmp_path) as server, opened(browser, server, "/") as page:
        page.locator("svg polyline").wait_for()
        checked(folder / "runs" / "char-seed0", 4)
        page.locator("td", has_text="1.000").wait_for()
        assert page.locator("svg polyline").get_attribute("points").count(",") == 4
        shutil.copy(library / "counted" / "comparison.json", folder)
        page.locator(".answer").wait_for()
        assert page.locator("svg").count() == 0
