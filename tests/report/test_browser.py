"""The page as people use it: in Chromium, from a file, with the network blocked."""

import csv
import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from toolkit.report import render
from toolkit.report.columns import QUANTITIES, Results
from toolkit.report.explorer import blind
from toolkit.results.bits import AUTHOR
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Warning

from .browsing import CHROMIUM, LAPTOP, PHONE, opened
from .comparison_example import FAILED, NINE, TWO, blind_comparison, comparison

pytestmark = pytest.mark.slow
NOTE = "Valid and test are the same text. " + 9 * "Nothing was held out. " + "Give them apart."
WITH_MARKUP = "<b>x</b> & שלום עולם 🕯️ " + "w" * 300 + "\n\n" + "<script>alert(1)</script> end"


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


def written(folder: Path, whole: Comparison) -> Path:
    path = folder / "index.html"
    path.write_text(render(whole), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of two and of nine columns."""
    two, nine = comparison(TWO, facts={"notes": [NOTE]}), comparison(NINE, failed=(FAILED,))
    nine.warnings = [Warning(kind="failed", columns=[FAILED.column], value=FAILED.reason)]
    return {name: written(tmp_path_factory.mktemp(name), whole) for name, whole in (("two", two), ("nine", nine))}


def violations(page: Any) -> str:
    """Return what axe finds."""
    from axe_playwright_python.sync_playwright import Axe

    report = Axe().run(page)
    return str(report.generate_report()) if report.violations_count else ""


def explored(page: Any) -> tuple[str, dict[str, float]]:
    """Return the word of the explorer that is pointed at, and its bits by column."""
    text = page.locator("#explorer-word").inner_text()
    bits = {name: float(number) for name, number in re.findall(r"(\S+) ([\d.]+)(?= ·|$)", text)}
    return text.partition("“")[2].partition("”")[0], bits


CUT = """[...document.querySelectorAll(".chart")].flatMap(chart => {
    const {left, right} = chart.getBoundingClientRect();
    return [...chart.querySelectorAll("text")].filter(text => {
        const box = text.getBoundingClientRect();
        return box.width && (box.left < left - 4 || box.right > right + 4);  // slanting text has wide boxes
    }).map(text => chart.id + ": " + text.textContent);
})"""


@pytest.mark.parametrize(
    ("name", "viewport", "scheme"),
    [("two", LAPTOP, "light"), ("two", PHONE, "dark"), ("nine", PHONE, "light"), ("nine", LAPTOP, "dark")],
    ids=["two-laptop-light", "two-phone-dark", "nine-phone-light", "nine-laptop-dark"],
)
def test_a_page_fits_its_screen_and_axe_finds_nothing(browser, pages, name, viewport, scheme) -> None:
    with opened(browser, pages[name], viewport, color_scheme=scheme) as page:
        for part in (".answer", "#next", ".alerts"):  # on the first screen
            box = page.locator(part).bounding_box()
            assert box["y"] + box["height"] < viewport["height"], part
        assert violations(page) == ""
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        page.wait_for_function(
            "[...document.querySelectorAll('.chart')].every(place => place.querySelector('svg'))"
        )
        page.wait_for_timeout(500)  # until the charts have their new width
        assert page.evaluate(CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        labels = page.evaluate(
            "[...document.querySelectorAll('[tabindex=\"0\"]')].map(part => part.ariaLabel || '')"
        )
        assert len(labels) > 10
        assert all(labels)


def test_alerts_open_commands_are_copied_and_sections_and_samples_are_reached(browser, pages) -> None:
    from playwright.sync_api import expect

    with opened(browser, pages["two"], permissions=["clipboard-read", "clipboard-write"]) as page:
        alert, end = page.locator(".alert", has_text=NOTE[:30]), NOTE[-16:]
        assert not alert.get_by_text(end).is_visible()
        alert.locator("summary").focus()
        page.keyboard.press("Enter")
        assert alert.get_by_text(end).is_visible()
        copy = page.locator("button[data-of=next]")
        label = copy.inner_text()
        copy.click()
        expect(copy).not_to_have_text(label)
        page.locator("#provenance").scroll_into_view_if_needed()
        assert page.locator("nav").bounding_box()["y"] == 0
        page.locator("nav a[href='#documents']").click()
        assert 0 <= page.locator("#documents").bounding_box()["y"] < 80
        page.locator("#sample-1").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("#samples .row.sample-2").is_visible()
        assert page.locator("#samples .row.sample-1").is_hidden()


def test_without_javascript_nothing_dead_is_shown(browser, pages) -> None:
    with opened(browser, pages["two"], java_script_enabled=False) as page:
        assert page.locator("select:visible").count() == 0
        assert page.locator("#chart-ranking noscript").is_visible()
        assert page.locator(".answer").is_visible()


def test_columns_are_sorted_by_a_heading(browser, pages) -> None:
    with opened(browser, pages["nine"]) as page:
        table = page.locator("table.columns")
        for reverse in (False, True):
            table.get_by_role("button", name="total").click()
            totals = [float(text.split("\n")[0]) for text in table.locator("tbody td.total").all_inner_texts()]
            assert totals == sorted(totals, reverse=reverse)
        table.get_by_role("button", name="classes").click()
        last = {name.split("\n")[0] for name in table.locator("tbody tr th").all_inner_texts()[-3:]}
        assert last == {"PPMd primed", "xz primed", FAILED.column}  # without classes, or without numbers


def test_every_table_and_chart_can_be_downloaded(browser, tmp_path) -> None:
    whole = comparison({"my_own&50%": (2.5, 2.52), "word:pos": (2.3, 2.31)})
    with opened(browser, written(tmp_path, whole)) as page:
        columns = page.locator("#columns h2").inner_text()
        contrasts = page.locator("#verdict details:has(table) summary").text_content()
        page.locator("#downloads-fold > summary").click()
        files = {}
        for kind, label in (("CSV", columns), ("Markdown", columns), ("LaTeX", contrasts), ("SVG", "")):
            entries = page.locator("#downloads li", has_text=label)
            with page.expect_download() as download:
                entries.locator(f"button:text-is('{kind}')").first.click()
            files[kind] = Path(download.value.path()).read_text("utf-8").splitlines()
        tables, charts = page.locator("main table").count(), page.locator("main .chart").count()
        assert page.locator("#downloads li").count() == tables + charts
    lines = list(csv.reader(files["CSV"]))
    assert [line[0].split()[0] for line in lines[:4]] == ["column", "column", "my_own&50%", "word:pos"]
    assert lines[1][1] == f"total {QUANTITIES['total'].unit}"
    assert len({len(line) for line in lines}) == 1
    assert "2.510" in lines[2][1]
    assert files["Markdown"][1].startswith("| --- |")
    assert files["SVG"][0].startswith("<svg")
    assert files["LaTeX"][0] == r"\begin{tabular}{llrlrr}"
    row = files["LaTeX"][4]
    (contrast,) = whole.contrasts
    assert row.startswith(rf"my\_own\&50\% & word:pos & +{contrast.difference:.3f} & [+{contrast.low:.3f}, ")
    assert row.endswith(r" \\")


def test_the_blind_test_goes_to_its_end_and_shows_the_readers_score(browser, tmp_path) -> None:
    whole = blind_comparison()
    path, passages = written(tmp_path, whole), dict((blind(Results(whole)) or {})["data"]["blind"]["passages"])
    with opened(browser, path) as page:
        page.locator("#blind-start").click()
        for _ in passages:
            assert page.evaluate("document.activeElement.id") == "blind-passage"  # so that it is read out
            shown = page.locator("#blind-passage").inner_text().strip("… ")
            writer = "author" if passages[shown] == AUTHOR else "machine"
            page.locator(f"#blind-choice button[data-said={writer}]").click()
        assert page.evaluate("document.activeElement.id") == "blind-result"
        rows = page.locator("#blind-result tbody tr").all_inner_texts()
        assert sorted(re.findall(r"\d+", row) for row in rows) == [["0", "5"], ["0", "5"], ["10", "10"]]
        assert violations(page) == ""


def test_pointing_and_keys_show_what_each_column_paid_and_expected_at_a_word(browser, pages) -> None:
    passage = comparison(TWO).passages[0]
    start = passage.text.index(" Quillane")
    paid = {name: sum(bits[start : start + len(" Quillane")]) for name, bits in passage.bits.items()}
    with opened(browser, pages["two"]) as page:
        page.locator("#explorer-lanes i", has_text="Quillane").first.hover()
        assert explored(page) == (
            "␣Quillane",
            {name: pytest.approx(bits, abs=0.051) for name, bits in paid.items()},
        )
        words, characters = page.locator("#explorer-bill .bill").all()
        assert words.locator("tbody tr").count() == 1
        assert "␣Quillane <NOUN>" in " ".join(words.locator("tbody").inner_text().split())
        assert characters.locator("tbody tr").count() == len(" Quillane")
        guesses = characters.locator("tbody td.guesses").first.inner_text()
        assert "".join(guesses.split()) == "the25%of12%"
        assert page.locator("#explorer-lanes i.on").all_inner_texts() == [" Quillane"] * 2
        page.mouse.move(0, 0)
        page.locator("#explorer-lanes .shaded").first.focus()
        for key, word in (("Home", "The"), ("ArrowRight", "␣lamp"), ("End", ".")):
            page.keyboard.press(key)
            assert explored(page)[0] == word
        page.locator("#explorer-jump").focus()
        jumps = []
        for _ in range(3):
            page.keyboard.press("Enter")
            a, b = explored(page)[1].values()
            jumps.append(abs(a - b))
        assert jumps == sorted(jumps, reverse=True)
        bits = [passage["bits"] for passage in page.evaluate("JSON.parse(data.textContent).explorer.passages")]
        largest = max(abs(x - y) for a, b in bits for x, y in zip(a, b, strict=True))
        assert jumps[0] == pytest.approx(largest, abs=0.11)


def test_two_columns_are_chosen_and_their_difference_is_shaded(browser, pages) -> None:
    with opened(browser, pages["nine"]) as page:
        page.locator("#explorer-a").select_option(label="char")
        assert page.locator("#explorer-lanes .chip").first.inner_text() == "char"
        page.locator("#explorer-shade").select_option(index=1)
        assert page.locator("#explorer-lanes .lane").count() == 1
        colours = page.locator("#explorer-lanes i").evaluate_all("all => all.map(i => i.style.backgroundColor)")
        assert len(set(colours)) > 5
        page.locator("#explorer-passage").select_option(index=1)
        second = comparison(NINE).passages[1]
        assert page.locator("#explorer-lanes .shaded").inner_text().startswith(second.text[:16])
        assert page.locator("#explorer-place").inner_text().startswith(second.document)


def test_one_column_alone_and_a_text_with_markup_can_be_explored(browser, tmp_path) -> None:
    with opened(browser, written(tmp_path, comparison({"char": (2.4,)}, passages=(WITH_MARKUP,))), PHONE) as page:
        assert page.locator("#explorer-lanes .lane").count() == 1
        assert not page.locator("#explorer-b").is_visible()
        shaded = page.locator("#explorer-lanes .shaded").first
        assert shaded.text_content() == WITH_MARKUP
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        shaded.press("End")  # places count code points, scripts count halves
        assert explored(page)[0] == "␣end"
        assert page.locator("#passages b", has_text="x").count() == 0
