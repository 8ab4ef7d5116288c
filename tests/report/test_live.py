"""The living page in Chromium, from a file, without a network: what one types is paid for as ``score`` does."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from toolkit.comparison.living import MOST_BYTES
from toolkit.comparison.living import page as page_of
from toolkit.report import render
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load
from toolkit.text.corpus import Document

from . import browsing
from .browsing import CHROMIUM, LAPTOP, NO_CHROMIUM, PHONE
from .comparison_example import comparison
from .living import ODD

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)]

SLOWED = """() => {
  const { network } = live.lanes[0].reader.column, step = network.fed.bind(network);
  network.fed = (state, id) => {
    const end = performance.now() + 3;
    while (performance.now() < end);
    return step(state, id);
  };
}"""  # so that there is time to stop a tiny network
SHOWN = """(lane) => new Promise((resolve) => {
  const timer = setInterval(() => {
    if (!live.lanes[lane].shown?.startsWith("A moon")) return;
    clearInterval(timer);
    resolve();
  }, 5);
})"""


@pytest.fixture(scope="module")
def living_page(comparison_folder: Path, made_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """The living page of char, word:pos and word:unk."""

    def make(folder: Path) -> None:
        whole = Comparison.load(comparison_folder / "comparison.json")
        (folder / "index.html").write_text(page_of(whole, comparison_folder, live=True), "utf-8")

    return made_once("living", make) / "index.html"


@contextmanager
def opened(browser: Any, path: Path, viewport: dict[str, int] = LAPTOP, **more: Any) -> Iterator[Any]:
    """The page, its columns unpacked."""
    with browsing.opened(browser, path, viewport, **more) as page:
        if more.get("java_script_enabled", True):
            page.locator("#live-room").scroll_into_view_if_needed()
            page.evaluate("live.ready")
        yield page


def paid(opened_page: Any, text: str) -> dict[str, float]:
    """The bits of a text by column, once all have read it."""
    opened_page.fill("#live-text", text)
    opened_page.evaluate("live.reading")
    return opened_page.evaluate("Object.fromEntries(live.lanes.map(({ name, reader }) => [name, reader.bits]))")


def scored(folder: Path, text: str) -> float:
    """The bits that ``score`` says, without those of the document's end, which the page does not charge."""
    model = load(folder)
    (scores,) = model.score([model.tokenizer.encode(Document("text", text))])
    return scores.total - float(scores.bits[-1])


@pytest.mark.parametrize("column", ["char", "word:unk"])
def test_bits_agree_with_score_within_two_hundredths_per_character(
    browser: Any, living_page: Path, comparison_folder: Path, split: Any, column: str
) -> None:
    text = "\n".join([split.test[0].text[:400], *(odd.strip() for odd in ODD)])
    run = comparison_folder / "runs" / f"{column.replace(':', '-')}-seed0"
    with opened(browser, living_page) as live:
        assert paid(live, text)[column] / len(text) == pytest.approx(scored(run, text) / len(text), abs=0.02)
        words = live.evaluate(
            f"live.lanes.find(({{ name }}) => name === '{column}').pieces.filter(({{ word }}) => word)"
        )
    costs = load(run).bits_per_word(text)
    assert [word["text"].strip() for word in words] == [cost.word for cost in costs]
    assert all(abs(word["bits"] - cost.bits) < 0.3 for word, cost in zip(words, costs, strict=True))


def test_what_stands_on_the_page_is_what_was_typed_and_its_numbers(browser: Any, living_page: Path) -> None:
    typed = "He <b>said</b><!---->: “Don't!”\n\nThe moon"
    with opened(browser, living_page) as live:
        bits = paid(live, typed)
        for lane in live.locator("#live .lane").all():
            name = lane.locator(".chip").inner_text()
            assert lane.locator(".live-shaded").evaluate("lane => lane.textContent") == typed
            rate, total = map(float, re.findall(r"[\d.]+", lane.locator(".live-total").inner_text()))
            assert total == pytest.approx(bits[name], abs=0.06)
            assert rate == pytest.approx(bits[name] / len(typed), abs=0.0006)
        assert live.locator("#live-room b:not(.swatch)").count() == 0


def test_the_number_of_a_word_is_there_for_pointer_keyboard_and_reader(browser: Any, living_page: Path) -> None:
    with opened(browser, living_page) as live:
        paid(live, "The old lamp")
        live.locator("#live .lane").nth(1).locator("i.word").nth(2).hover()
        readout = live.locator("#live-readout")
        assert re.fullmatch(r"“lamp” in bits: char [\d.]+ · word:pos [\d.]+ · word:unk [\d.]+", readout.inner_text())
        live.locator(".live-shaded").first.focus()
        live.keyboard.press("ArrowLeft")
        assert readout.inner_text().startswith("“old” in bits: char ")
        live.keyboard.press("ArrowLeft")
        live.keyboard.press("ArrowLeft")
        assert readout.inner_text().startswith("“The” in bits: char ")
        live.locator("#live summary", has_text="The words in numbers").click()
        rows = live.locator("#live-words tbody tr")
        sync_api.expect(rows).to_have_count(3)
        shown = re.findall(r"[\d.]+", readout.inner_text())
        assert rows.first.locator("td").all_inner_texts() == shown
        paid(live, "The old")
        sync_api.expect(rows).to_have_count(2)


def test_a_column_goes_on_writing_until_it_is_stopped(browser: Any, living_page: Path) -> None:
    with opened(browser, living_page) as live:
        paid(live, "The harbour")
        lane = live.locator("#live .lane").first
        live.evaluate(SLOWED)
        lane.get_by_role("button", name="Go on writing").click()
        stop = lane.get_by_role("button", name="Stop")
        live.wait_for_timeout(150)
        stop.click()
        sync_api.expect(live.locator("#live-status")).to_have_text(re.compile(r"char has written \d+ characters\."))
        written = lane.locator(".live-written").evaluate("place => place.textContent")
        assert written.startswith("The harbour")
        assert len("The harbour") < len(written) < 300
        live.wait_for_timeout(100)
        assert lane.locator(".live-written").evaluate("place => place.textContent") == written


def test_each_column_writes_as_much_as_it_may(browser: Any, living_page: Path) -> None:
    with opened(browser, living_page) as live:
        for lane in live.locator("#live .lane").all():
            lane.get_by_role("button", name="Go on writing").click()
            name = lane.locator(".chip").inner_text()
            sync_api.expect(live.locator("#live-status")).to_have_text(
                re.compile(rf"{name} has written 6\d\d characters\."), timeout=20_000
            )


def test_axe_finds_nothing(browser: Any, living_page: Path) -> None:
    for viewport, scheme in ((LAPTOP, "light"), (PHONE, "dark")):
        with opened(browser, living_page, viewport, color_scheme=scheme) as live:
            paid(live, "The old lamp, qwfpg!")
            live.get_by_role("button", name="Go on writing").first.click()
            for summary in live.locator("#live summary").all():
                summary.click()
            found = axe.Axe().run(live, "#live")
            assert found.violations_count == 0, found.generate_report()


def test_a_phone_never_scrolls_sideways(browser: Any, living_page: Path) -> None:
    with opened(browser, living_page, PHONE) as live:
        paid(live, "A word of a length that no line of a phone can hold: " + "honorificabilitudinitatibus" * 4)
        live.locator("#live summary", has_text="The words in numbers").click()
        assert live.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_the_shades_mean_and_how_to_get_numbers_is_said_before_all_else(browser: Any, living_page: Path) -> None:
    with opened(browser, living_page, PHONE, has_touch=True) as live:
        said = live.locator("#live > p:visible").all_inner_texts()
        assert said[0].startswith("Type: the stronger a word’s shade, the more bits it cost")
        assert not any("255" in paragraph or "tagger" in paragraph for paragraph in said)
        assert live.locator("#live-readout").inner_text().startswith("Tap a word, or point at it")
        assert live.locator("#live .scale span").all_inner_texts()[-1].endswith("+")
        paid(live, "The old lamp")
        for lane in live.locator("#live .lane").all():
            lane.locator("i.word").nth(2).tap()
            readout = live.locator("#live-readout")
            assert readout.inner_text().startswith("“lamp” in bits")
            box = readout.bounding_box()
            assert 0 <= box["y"] <= PHONE["height"] - box["height"]


def test_a_column_that_is_still_reading_is_not_asked(browser: Any, living_page: Path) -> None:
    """It holds the text before: its bits for the word of that number would be those of another word."""
    with opened(browser, living_page) as live:
        paid(live, "The old keeper wrote in his book. " * 3)
        live.evaluate(SLOWED.replace("lanes[0]", "lanes[1]"))
        live.locator("#live-text").fill("A moon rose over wet stones and gulls. " * 20)
        assert not live.locator("#live-readout").inner_text().startswith("“")  # what it said was of another text
        live.evaluate(SHOWN, 0)
        live.locator("#live .lane").first.locator("i.word", has_text="moon").first.hover()
        said = live.locator("#live-readout").inner_text()
        assert said.startswith("“moon” in bits: char ")
        assert "word" not in said
        live.locator("#live .lane").nth(1).locator(".live-write").click()
        assert "has to read the text first" in live.locator("#live-status").inner_text()
        live.evaluate(SHOWN, 2)


def test_without_javascript_nothing_dead_is_shown(browser: Any, living_page: Path) -> None:
    with opened(browser, living_page, java_script_enabled=False) as live:
        assert live.locator("#live-room").is_hidden()
        assert live.locator("#live noscript").is_visible()


def test_the_page_says_that_its_weights_are_rounded_and_by_how_much(living_page: Path) -> None:
    text = re.sub("<[^>]+>", "", living_page.read_text("utf-8").partition('<section id="live">')[2])
    assert re.search(
        r"rounded to 255 values or more: on the first [\d,]+ characters of the held-out text these bits differ from "
        r"those of score by \d\.\d{3} per character or less \((char|word:pos|word:unk)\), and in none of \d+ short "
        r"texts? there by more than \d\.\d{3}; it was measured when the page was made",
        text,
    )
    assert "in word:pos a rare word of the training text has the class that it mostly has there" in text
    assert living_page.stat().st_size <= MOST_BYTES


def test_a_page_without_its_columns_has_nothing_of_them() -> None:
    usual = render(comparison({"char": (2.5, 2.52), "word:pos": (2.3, 2.31)}))
    assert "live" not in re.sub(r"<script>.*?</script>", "", usual, flags=re.DOTALL).partition("<body>")[0]
    assert 'id="live"' not in usual
    assert "live.Network" not in usual
