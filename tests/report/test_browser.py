"""The page as people use it: in Chromium, from a file, with the network blocked."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from toolkit.report import render
from toolkit.report.columns import Results
from toolkit.report.explorer import blind
from toolkit.results.bits import AUTHOR
from toolkit.results.conclusions import Warning

from . import browsing
from .browsing import CHROMIUM, LAPTOP, NO_CHROMIUM, PHONE
from .comparison_example import FAILED, NINE, comparison
from .test_explorer import blind_comparison

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)]

ALL_DRAWN = "[...document.querySelectorAll('.chart')].every(place => place.querySelector('svg'))"
TWO = {"char": (2.5, 2.52), "word:pos": (2.3, 2.31)}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of two and of nine columns."""
    folder = tmp_path_factory.mktemp("pages")
    note = "Valid and test are the same text. " + 9 * "Nothing was held out. " + "Give them apart."
    made = {"two": comparison(TWO, facts={"notes": [note]}), "nine": comparison(NINE, failed=(FAILED,))}
    made["nine"].warnings = [Warning(kind="failed", columns=[FAILED.column], value=FAILED.reason)]
    for name, whole in made.items():
        (folder / f"{name}.html").write_text(render(whole), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@contextmanager
def opened(browser: Any, path: Path, viewport: dict[str, int] = LAPTOP, **more: Any) -> Iterator[Any]:
    """The page, drawn."""
    with browsing.opened(browser, path, viewport, **more) as page:
        if more.get("java_script_enabled", True):
            page.wait_for_selector("#chart-ranking svg")
        yield page


@pytest.mark.parametrize("name", ["two", "nine"])
@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_answer_the_next_command_and_the_alerts_are_on_the_first_screen(
    browser: Any, pages: dict[str, Path], name: str, viewport: dict[str, int]
) -> None:
    with opened(browser, pages[name], viewport) as page:
        for part in (".answer", "#next", ".alerts"):
            box = page.locator(part).bounding_box()
            assert box["y"] + box["height"] < viewport["height"], part
        assert page.locator(".answer").inner_text().startswith("Use ")


@pytest.mark.parametrize("name", ["two", "nine"])
def test_a_phone_never_scrolls_sideways(browser: Any, pages: dict[str, Path], name: str) -> None:
    with opened(browser, pages[name], PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


CUT = """[...document.querySelectorAll(".chart")].flatMap(chart => {
    const {left, right} = chart.getBoundingClientRect();
    return [...chart.querySelectorAll("text")].filter(text => {
        const box = text.getBoundingClientRect();
        return box.width && (box.left < left - 4 || box.right > right + 4);  // slanting text has wide boxes
    }).map(text => chart.id + ": " + text.textContent);
})"""


@pytest.mark.parametrize("name", ["two", "nine"])
def test_no_words_of_a_chart_are_cut_on_a_phone(browser: Any, pages: dict[str, Path], name: str) -> None:
    with opened(browser, pages[name], PHONE) as page:
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        page.wait_for_function(ALL_DRAWN)
        page.wait_for_timeout(500)  # as wide as they are now
        assert page.evaluate(CUT) == []


@pytest.mark.parametrize("name", ["two", "nine"])
def test_what_scrolls_has_a_name(browser: Any, pages: dict[str, Path], name: str) -> None:
    with opened(browser, pages[name]) as page:
        named = page.evaluate("[...document.querySelectorAll('[tabindex=\"0\"]')].map(one => one.ariaLabel || '')")
        assert len(named) > 10
        assert all(named)
        assert "Where the bits go: By part of speech: The same in numbers" in named


LONG = {"word:a-very-long-strategy-name-of-someone": (2.3,), "subwords-of-mine@my-own-transformer": (2.5,)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["two", "nine"])
def test_axe_finds_nothing(browser: Any, pages: dict[str, Path], name: str, scheme: str) -> None:
    with opened(browser, pages[name], color_scheme=scheme) as page:
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_an_alert_opens_to_its_whole_sentence(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["two"]) as page:
        alert = page.locator(".alert", has_text="Valid and test are the same text")
        assert not alert.get_by_text("Give them apart").is_visible()
        alert.locator("summary").focus()
        page.keyboard.press("Enter")
        assert alert.get_by_text("Give them apart").is_visible()


def test_the_next_command_can_be_copied(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["two"], permissions=["clipboard-read", "clipboard-write"]) as page:
        copy = page.locator("button[data-of=next]")
        copy.click()
        sync_api.expect(copy).to_have_text(re.compile("Copied|Selected"))
        assert page.locator("#next").inner_text().startswith("toolkit compare ")


def test_the_sections_can_be_reached_from_anywhere_on_the_page(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["two"]) as page:
        page.locator("#provenance").scroll_into_view_if_needed()
        assert page.locator("nav").bounding_box()["y"] == 0
        page.locator("nav a[href='#documents']").click()
        assert 0 <= page.locator("#documents").bounding_box()["y"] < 80


def test_without_javascript_nothing_dead_is_shown(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["two"], java_script_enabled=False) as page:
        assert page.locator("select:visible").count() == 0
        assert page.locator("#chart-ranking noscript").is_visible()
        assert page.locator(".answer").is_visible()


def test_axe_finds_nothing_on_a_phone(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["nine"], PHONE) as page:
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_a_picked_sample_replaces_the_one_that_was_shown(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["two"]) as page:
        first, second = page.locator("#samples .row.sample-1"), page.locator("#samples .row.sample-2")
        assert (first.is_visible(), second.is_visible()) == (True, False)
        page.locator("#sample-1").focus()
        page.keyboard.press("ArrowRight")
        assert (first.is_visible(), second.is_visible()) == (False, True)


def shown(page: Any) -> list[str]:
    """Temperature and seed of each lane that is shown."""
    heads = page.locator("#samples .row:visible .lane h4").all_inner_texts()
    return [re.search("temperature [^ ]+, seed [0-9]+", head)[0] for head in heads]


def test_a_picked_temperature_shows_its_texts_in_all_three_views_by_keyboard(
    browser: Any, pages: dict[str, Path]
) -> None:
    with opened(browser, pages["two"]) as page:
        assert shown(page) == ["temperature 0.64, seed 1", "temperature 0.81, seed 1"]
        page.locator("#at-own").focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert page.locator("#at-3").is_checked()
        assert shown(page) == ["temperature 0.70, seed 1500"] * 2
        assert page.locator("#sample-1").is_hidden()  # there are as many controls as texts
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        assert shown(page) == ["temperature 0.70, seed 1501"] * 2
        text = page.locator("#samples .row:visible .lane").nth(1).locator(".text:visible")
        assert "the old keeper of" in text.inner_text()
        for _ in range(2):
            page.keyboard.press("Tab" if page.locator("#text-2:focus").count() else "ArrowRight")
        assert page.locator("#view-spelled").is_checked()
        assert "the old keepern of" in text.inner_text()
        page.keyboard.press("ArrowRight")
        assert "the old ⟨NOUN⟩ of" in text.inner_text()
        page.locator("#at-own").check()
        assert page.locator("#text-1").is_hidden()
        assert shown(page) == ["temperature 0.64, seed 1", "temperature 0.81, seed 1"]


def test_columns_are_sorted_by_a_heading(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["nine"]) as page:
        table = page.locator("table.columns")
        table.get_by_role("button", name="total").focus()
        page.keyboard.press("Enter")
        totals = [float(text.split("\n")[0]) for text in table.locator("tbody td.total").all_inner_texts()]
        assert totals == sorted(totals)
        table.get_by_role("button", name="total").click()
        totals = [float(text.split("\n")[0]) for text in table.locator("tbody td.total").all_inner_texts()]
        assert totals == sorted(totals, reverse=True)
        table.get_by_role("button", name="classes").click()
        shown = table.locator("tbody tr th").all_inner_texts()
        last = {name.split("\n")[0] for name in shown[-3:]}  # they have no classes, and the failed one no numbers
        assert last == {"PPMd primed", "xz primed", FAILED.column}


def test_every_table_and_chart_can_be_taken_along(browser: Any, pages: dict[str, Path]) -> None:
    whole = comparison(TWO)
    with opened(browser, pages["two"]) as page:
        page.locator("#downloads-fold > summary").click()
        saved, drawn = {}, page.locator("#chart-ranking svg").bounding_box()["width"]
        for kind, label in (
            ("CSV", "The columns"),
            ("Markdown", "The columns"),
            ("SVG", "Bits per character of every column"),
        ):
            with page.expect_download() as download:
                page.locator("#downloads li", has_text=label).first.get_by_role("button", name=kind).click()
            saved[kind] = Path(download.value.path()).read_text("utf-8")
        lines = list(csv.reader(saved["CSV"].splitlines()))
        page.wait_for_timeout(300)
        assert page.locator("#chart-ranking svg").bounding_box()["width"] == drawn != 720
        assert [line[0].split()[0] for line in lines[:4]] == ["column", "column", "char", "word:pos"]
        assert [line[1] for line in lines[:2]] == ["The bill", "total bits per character"]
        assert len({len(line) for line in lines}) == 1
        total = sum(cell.bits_per_character.total for cell in whole.by_column["char"]) / 2
        assert f"{total:.3f}" in lines[2][1]
        assert saved["Markdown"].splitlines()[1].startswith("| --- |")
        assert saved["SVG"].startswith("<svg")
        tables, charts = page.locator("main table").count(), page.locator("main .chart").count()
        assert page.locator("#downloads li").count() == tables + charts


def test_a_table_taken_along_for_latex_has_all_cells_and_no_sign_that_latex_takes_for_its_own(
    browser: Any, tmp_path: Path
) -> None:
    whole = comparison({"my_own&50%": (2.5, 2.52), "word:pos": (2.3, 2.31)})
    path = tmp_path / "index.html"
    path.write_text(render(whole), encoding="utf-8")
    with opened(browser, path) as page:
        page.locator("#downloads-fold > summary").click()
        with page.expect_download() as download:
            contrasts = page.locator("#downloads li", has_text=re.compile(r"contrasts? in numbers"))
            contrasts.get_by_role("button", name="LaTeX").click()
        lines = Path(download.value.path()).read_text("utf-8").splitlines()
    assert download.value.suggested_filename.endswith(".tex")
    begin, top, head, middle, *body, bottom, end = lines
    assert (begin, end) == (r"\begin{tabular}{llrlrr}", r"\end{tabular}")
    assert (top, middle, bottom) == (r"\toprule", r"\midrule", r"\bottomrule")
    assert r"95 \% interval bits per character & p adjusted for all" in head
    (contrast,) = whole.contrasts
    assert body[0].startswith(rf"my\_own\&50\% & word:pos & +{contrast.difference:.3f} & [+{contrast.low:.3f}, ")
    assert body[0].endswith(r" \\")


def of_other_models(whole: Any) -> Any:
    """As many passages, written after more training."""
    other = whole.model_copy(deep=True)
    for generated in other.generated.values():
        for sample in generated.samples:
            sample.text = sample.text.upper()
    return other


def test_the_blind_test_goes_to_its_end_and_shows_the_readers_score(browser: Any, tmp_path: Path) -> None:
    whole = blind_comparison()
    path = tmp_path / "index.html"
    path.write_text(render(whole), encoding="utf-8")
    passages = dict((blind(Results(whole)) or {})["data"]["blind"]["passages"])
    with opened(browser, path) as page:
        page.locator("#blind-start").click()
        for _ in passages:
            assert page.evaluate("document.activeElement.id") == "blind-passage"  # which is read out
            shown = page.locator("#blind-passage").inner_text().strip("… ")
            said = "author" if passages[shown] == AUTHOR else "machine"
            page.locator(f"#blind-choice button[data-said={said}]").click()
        assert page.evaluate("document.activeElement.id") == "blind-result"
        rows = page.locator("#blind-result tbody tr").all_inner_texts()
        assert sorted(row.split("\t")[1] for row in rows) == ["0 of 5", "0 of 5", "10 of 10"]
        assert axe.Axe().run(page).violations_count == 0
        page.reload()
        assert page.locator("#blind-result").is_visible()  # kept in the page
        path.write_text(render(of_other_models(whole)), encoding="utf-8")
        page.reload()
        assert page.locator("#blind-start").is_visible()  # other passages, which nobody has judged
        assert page.locator("#blind-result").is_hidden()


def bits_of_word(whole: Any, passage: int, word: str) -> dict[str, float]:
    """The bits of a word of a passage, with the space before it, by column."""
    found = whole.passages[passage]
    start = found.text.index(word) - 1
    return {name: sum(bits[start : start + len(word) + 1]) for name, bits in found.bits.items()}


def test_pointing_at_a_word_shows_what_each_column_paid_and_expected(browser: Any, pages: dict[str, Path]) -> None:
    paid = bits_of_word(comparison(TWO), 0, "Quillane")
    with opened(browser, pages["two"]) as page:
        page.locator("#explorer-lanes i", has_text="Quillane").first.hover()
        said = page.locator("#explorer-word").inner_text()
        assert said == f"“␣Quillane” in bits: word:pos {paid['word:pos']:.1f} · char {paid['char']:.1f}"
        words, characters = page.locator("#explorer-bill .bill").all()
        assert words.locator("tbody tr").count() == 1
        assert "␣Quillane <NOUN>" in " ".join(words.locator("tbody").inner_text().split())
        assert words.locator("p").inner_text() == f"{paid['word:pos'] - 9:.1f} classes + 9.0 spelling"
        assert characters.locator("tbody tr").count() == len(" Quillane")
        assert characters.locator("tbody td.guesses").first.inner_text().split() == ["the", "25", "%", "of", "12", "%"]
        assert page.locator("#explorer-lanes i.on").all_inner_texts() == [" Quillane"] * 2


def test_the_keyboard_reaches_every_word_and_jumps_to_the_differences(browser: Any, pages: dict[str, Path]) -> None:
    whole = comparison(TWO)
    with opened(browser, pages["two"]) as page:
        page.locator("#explorer-lanes .shaded").first.focus()
        page.keyboard.press("Home")
        assert page.locator("#explorer-word").inner_text().startswith("“The” in bits")
        page.keyboard.press("ArrowRight")
        assert page.locator("#explorer-word").inner_text().startswith("“␣lamp” in bits")
        page.keyboard.press("End")
        assert page.locator("#explorer-word").inner_text().startswith("“.” in bits")
        page.locator("#explorer-jump").focus()
        jumped = []
        for _ in range(3):
            page.keyboard.press("Enter")
            a, b = re.findall(r"[−\d.]+(?= ·|$)", page.locator("#explorer-word").inner_text())
            jumped.append(abs(float(a.replace("−", "-")) - float(b.replace("−", "-"))))
        assert jumped == sorted(jumped, reverse=True)
        words = page.evaluate(
            "JSON.parse(document.getElementById('data').textContent).explorer.passages.map(passage => passage.bits)"
        )
        greatest = max(abs(x - y) for passage in words for x, y in zip(*passage, strict=True))
        assert jumped[0] == pytest.approx(greatest, abs=0.11)
    assert len(whole.passages) == len(words)


def test_two_columns_are_chosen_and_their_difference_is_shaded(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["nine"]) as page:
        page.locator("#explorer-a").select_option(label="char")
        assert page.locator("#explorer-lanes .chip").first.inner_text() == "char"
        page.locator("#explorer-shade").select_option(label="difference")
        assert page.locator("#explorer-lanes .lane").count() == 1
        assert not page.locator("#explorer-scale").is_visible()
        backgrounds = page.locator("#explorer-lanes i").evaluate_all("all => all.map(i => i.style.backgroundColor)")
        assert len(set(backgrounds)) > 5
        assert axe.Axe().run(page).violations_count == 0
        page.locator("#explorer-passage").select_option(index=1)
        assert page.locator("#explorer-lanes .shaded").inner_text().startswith("I had the ledger")
        assert page.locator("#explorer-place").inner_text().startswith("tale_41")


def test_a_phone_reads_the_explorer_by_tapping(browser: Any, pages: dict[str, Path]) -> None:
    with opened(browser, pages["two"], PHONE, has_touch=True) as page:
        word = page.locator("#explorer-lanes i", has_text="lamp").first
        word.tap()
        assert page.locator("#explorer-word").inner_text().startswith("“␣lamp” in bits")
        for lane in page.locator("#explorer-lanes .lane").all():
            for place in ("start", "center"):
                lane.evaluate("(lane, place) => lane.scrollIntoView({ block: place })", place)
                page.evaluate("scrollBy(0, -60)")  # from under the list of sections
                lane.locator("i", has_text="house" if place == "start" else "lamp").first.tap()
                said = page.locator("#explorer-word").bounding_box()
                assert 0 <= said["y"] <= PHONE["height"] - said["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_words_that_are_markup_right_to_left_or_very_long_stay_text(browser: Any, tmp_path: Path) -> None:
    text = "<b>x</b> & שלום עולם 🕯️ " + "w" * 300 + "\n\n" + "<script>alert(1)</script> end"
    path = tmp_path / "index.html"
    path.write_text(render(comparison(TWO, passages=(text,))), encoding="utf-8")
    with opened(browser, path, PHONE) as page:
        assert page.locator("#explorer-lanes .shaded").first.text_content() == text
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.locator("#explorer-lanes .shaded").first.press("End")  # places count code points, scripts count halves
        assert page.locator("#explorer-word").inner_text().startswith("“␣end” in bits")
        assert page.locator("#passages b", has_text="x").count() == 0


def test_one_column_alone_can_be_explored(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text(render(comparison({"char": (2.4,)})), encoding="utf-8")
    with opened(browser, path) as page:
        assert page.locator("#explorer-lanes .lane").count() == 1
        assert not page.locator("#explorer-b").is_visible()
        assert page.locator("#explorer-word").inner_text().startswith("“The” in bits: char ")
