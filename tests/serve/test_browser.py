"""The server as people use it: in Chromium, under its own strict policy, with the keyboard, and two at once."""

import shutil
from asyncio import Semaphore

import pytest

from tests.report import browsing
from tests.report.browsing import LAPTOP, PHONE, violations
from toolkit.files import locked
from toolkit.report.explorer import cut_passage
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load

from .conftest import CHAR, TOKEN, WORD, checked, run_of, serving

pytestmark = pytest.mark.slow
SENTENCE = "The keeper wrote."


def opened(browser, server, path, viewport=LAPTOP, **more):
    return browsing.opened(browser, f"{server.address}{path}token={TOKEN}", viewport, **more)


def shows(page, form, status):
    """Wait for the status of a form."""
    page.locator(f"#{form} [role=status]", has_text=status).wait_for(timeout=60_000)


@pytest.mark.parametrize(("viewport", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")])
def test_each_view_fits_its_screen_and_axe_finds_nothing(browser, server, viewport, scheme):
    with opened(browser, server, "/?", viewport, color_scheme=scheme) as page:

        def check():
            assert violations(page) == ""
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]

        page.locator("svg polyline").first.wait_for()
        check()
        page.get_by_text("Playground").click()
        for form, status in (("read", "Done"), ("write", "Done"), ("cut", "Done"), ("guess", "right so far")):
            page.locator(f"#{form} [type=submit]").click()
            shows(page, form, status)
        check()


def test_the_keyboard_alone_reads_cancels_and_guesses(browser, server, library, monkeypatch):
    with opened(browser, server, f"/play?left={CHAR}&right={WORD}&") as page:

        def press(selector, *keys):
            for _ in range(40):
                page.keyboard.press("Tab")
                if page.evaluate(f"document.activeElement.matches({selector!r})"):
                    return [page.keyboard.press(key) for key in keys]
            return pytest.fail(f"Tab does not reach {selector}")

        press("#read textarea", "Control+A")
        page.keyboard.type(SENTENCE)
        press("#read [type=submit]", "Enter")
        shows(page, "read", "Done")
        for side, name in (("left", CHAR), ("right", WORD)):
            bits = load(run_of(library, name)).bits(SENTENCE)
            shown = page.locator(f"section:has(#read) .{side} header span").inner_text()
            assert shown == f"{bits:.1f} bits, {bits / len(SENTENCE):.3f} per character"
        press(".left .text")
        for key, token in (("ArrowRight", "“h”"), ("End", "“end of text”"), ("Home", "“T”")):
            page.keyboard.press(key)
            assert page.locator(".left .detail strong").inner_text().startswith(token)
        assert page.locator(".left .detail").inner_text().count(" %") == 5
        monkeypatch.setattr(server.processes, "slots", Semaphore(0))  # all requests wait
        press("#write [name=length]", "Enter")
        shows(page, "write", "queue")
        press("#write .cancel", "Enter")
        shows(page, "write", "Cancelled")
        press("#guess button", "Enter")
        page.locator("#passage").wait_for()
        by_author = Comparison.load(library / "counted" / "comparison.json").author_passages
        while (passage := page.locator("#passage")).is_visible():
            assert page.evaluate("document.activeElement.id") == "passage"  # so that it is read out
            is_human = passage.inner_text().strip("… ") in map(cut_passage, by_author)
            press(f"[data-said={'author' if is_human else 'machine'}]", "Enter")
        rows = [row.split("\t") for row in page.locator("#score tbody tr").all_inner_texts()]
        assert sorted(rows) == [["char@ngram", "2", "2"], ["the author", "1", "1"], ["word:unk@ngram", "2", "2"]]


def test_two_browsers_at_once_get_their_own_answers(browser, server, library):
    with opened(browser, server, "/play?") as one, opened(browser, server, "/play?") as two:
        answers = ((one, "The lamp of the old keeper burned low. " * 40), (two, "No ship!"))
        for page, text in answers:
            page.locator("#models [name=left]").select_option(WORD)
            page.locator("#read textarea").fill(text)
            page.locator("#read [type=submit]").click()
        for page, text in answers:
            shows(page, "read", "Done")
            assert (
                f"{load(run_of(library, WORD)).bits(text):.1f} bits" in page.locator(".left").first.inner_text()
            )


def test_curves_grow_while_a_comparison_runs_and_its_answer_comes_at_the_end(browser, tmp_path, library):
    run = tmp_path / "begun" / "runs" / "char-seed0"
    checked(run, 2)
    with serving(tmp_path) as server, opened(browser, server, "/?") as page:
        with locked(tmp_path / "begun"):
            page.locator(".state", has_text="running").wait_for()
            checked(run, 4)
            page.locator("td", has_text="1.000").wait_for()
            assert page.locator("svg polyline").get_attribute("points").count(",") == 4
        shutil.copy(library / "counted" / "comparison.json", tmp_path / "begun")
        page.locator(".answer").wait_for()
        assert page.locator("svg").count() == 0
