"""The page as people use it: in Chromium, from a file, with the network blocked."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.comparison_example import FAILED, NINE, TWO, blind_comparison, comparison
from toolkit.report import render
from toolkit.report.columns import QUANTITIES, Results
from toolkit.report.explorer import blind
from toolkit.results.bits import AUTHOR
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Sample

from .browsing import LAPTOP, PHONE, opened, violations

pytestmark = pytest.mark.slow
NOTE = "Valid and test are the same text. " + 9 * "Nothing was held out. " + "Give them apart."
WITH_MARKUP = "<b>x</b> & שלום עולם 🕯️ " + "w" * 300 + "\n\n" + "<script>alert(1)</script> end"


def written(folder: Path, whole: Comparison) -> Path:
    path = folder / "index.html"
    path.write_text(render(whole), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of two and of nine models."""
    two, nine = comparison(TWO, facts={"notes": [NOTE]}), comparison(NINE, failed=(FAILED,))
    for name, generated in two.generated.items():
        facts = {"fills": [], "seed": 1}
        colder = {"prompt": generated.samples[0].prompt, "text": f"{name} is cold.", "temperature": 0.5}
        other = {"prompt": "A door", "text": f"{name} is open.", "temperature": generated.temperature}
        generated.variations = [Sample(**facts, **colder), Sample(**facts, **other)]
    return {name: written(tmp_path_factory.mktemp(name), whole) for name, whole in (("two", two), ("nine", nine))}


def explored(page: Any) -> tuple[str, dict[str, float]]:
    """Return the word of the explorer that is pointed at, and its bits by model."""
    text = page.locator("#explorer-word").inner_text()
    bits = {name: float(number) for name, number in re.findall(r"(\S+) ([\d.]+) bits", text)}
    return text.partition("“")[2].partition("”")[0], bits


CUT = """[...document.querySelectorAll(".chart")].flatMap(chart => {
    const {left, right} = chart.getBoundingClientRect();
    return [...chart.querySelectorAll("text")].filter(text => {
        const box = text.getBoundingClientRect();
        return box.width && (box.left < left - 4 || box.right > right + 4);
    }).map(text => chart.id + ": " + text.textContent);
})"""


@pytest.mark.parametrize(
    ("name", "viewport", "scheme"),
    [("two", LAPTOP, "light"), ("two", PHONE, "dark"), ("nine", PHONE, "light"), ("nine", LAPTOP, "dark")],
    ids=["two-laptop-light", "two-phone-dark", "nine-phone-light", "nine-laptop-dark"],
)
def test_a_page_fits_its_screen_and_axe_finds_nothing(browser, pages, name, viewport, scheme) -> None:
    with opened(browser, pages[name], viewport, color_scheme=scheme) as page:
        for part in ("h1", ".stats"):  # on the first screen
            box = page.locator(part).bounding_box()
            assert box["y"] + box["height"] < viewport["height"], part
        assert violations(page) == ""
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        assert violations(page) == ""
        assert page.evaluate(CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= max(viewport["width"], 794)  # of A4


def test_commands_are_copied_sections_are_reached_and_samples_are_chosen(browser, pages) -> None:
    from playwright.sync_api import expect

    with opened(browser, pages["two"], permissions=["clipboard-read", "clipboard-write"]) as page:
        assert page.locator(".alerts").get_by_text(NOTE[-16:]).is_visible()
        copy = page.locator("button[data-of=next]")
        label = copy.inner_text()
        copy.click()
        expect(copy).not_to_have_text(label)
        page.locator("nav a[href='#why']").click()
        expect(page.locator("nav a.on")).to_have_attribute("href", "#why")
        shown = page.locator("#text-cards .card:visible")
        assert shown.locator("header b").all_inner_texts() == ["word:pos", "char"]
        page.locator("#text-temperature").select_option(label="0.5")
        assert [text.strip()[-8:] for text in shown.locator(".txt").all_inner_texts()] == ["is cold."] * 2
        page.locator("#text-prompt").select_option(label="A door")
        assert [text.strip()[-8:] for text in shown.locator(".txt").all_inner_texts()] == ["is open."] * 2
        page.locator("#text-left").select_option(label="char")
        assert shown.locator("header b").all_inner_texts() == ["char"]


def test_without_javascript_the_page_is_whole_and_nothing_dead_is_shown(browser, pages) -> None:
    with opened(browser, pages["nine"], java_script_enabled=False) as page:
        assert page.locator("select:visible, button:visible").count() == 0
        charts = page.locator(".chart svg.plot")
        page.locator("#details details").first.evaluate("fold => fold.open = true")
        assert sum(chart.is_visible() for chart in charts.all()) >= charts.count() - 1  # one is folded
        cards = page.locator("#text-cards .card")
        assert sum(card.is_visible() for card in cards.all()) == cards.count() >= 9


def test_every_chart_and_table_can_be_saved(browser, tmp_path) -> None:
    whole = comparison({"my_own&50%": (2.5, 2.52), "word:pos": (2.3, 2.31)})
    with opened(browser, written(tmp_path, whole)) as page:
        files = {}
        for kind in ("SVG", "PNG", "CSV"):
            with page.expect_download() as download:
                page.locator(f"[data-chart=documents] button:text-is('{kind}')").click()
            files[kind] = Path(download.value.path()).read_bytes()
        with page.expect_download() as download:
            page.locator("#details .csv").first.click()
        table = Path(download.value.path()).read_text("utf-8")
        assert page.locator("main .csv").count() == page.locator("main table").count() - 2  # of the explorer
        assert page.locator(".export").count() == page.locator(".chart").count()
    assert b"Is it so in every document?" in files["SVG"]
    assert b"var(--" not in re.sub(rb'style="[^"]*"', b"", files["SVG"])
    assert files["PNG"][:8] == b"\x89PNG\r\n\x1a\n"
    lines = list(csv.reader(files["CSV"].decode().splitlines()))
    assert "my_own&50% minus word:pos" in lines[0][2]
    assert lines[1][1] == whole.corpus.split.test[0].replace("_", " ")
    assert [line[1] for line in lines[10:]] == ["low", "high"]
    lines = list(csv.reader(table.splitlines()))
    assert [line[0].split()[0] for line in lines[:3]] == ["model", "word:pos", "my_own&50%"]
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) == len(QUANTITIES) + 2
    assert "2.510" in lines[2][1]


def test_the_blind_test_goes_to_its_end_and_shows_the_answers(browser, tmp_path) -> None:
    whole = blind_comparison()
    path, passages = written(tmp_path, whole), dict(blind(Results(whole)))
    with opened(browser, path) as page:
        page.locator("#blind summary").click()
        page.locator("#blind-start").click()
        for _ in passages:
            assert page.evaluate("document.activeElement.id") == "blind-passage"  # so that it is read out
            shown = page.locator("#blind-passage").inner_text().strip("… ")
            writer = "author" if passages[shown] == AUTHOR else "machine"
            page.locator(f"#blind-choice button[data-said={writer}]").click()
        assert page.evaluate("document.activeElement.id") == "blind-result"
        assert re.findall(r"\d+", page.locator("#blind-score").inner_text()) == ["20", "20"]
        assert sorted(page.locator("#blind-answers b").all_inner_texts()) == sorted(passages.values())
        assert violations(page) == ""


def test_pointing_and_keys_show_what_each_model_paid_and_expected_at_a_word(browser, pages) -> None:
    passage = comparison(TWO).passages[0]
    start = passage.text.index(" Quillane")
    paid = {name: sum(bits[start : start + len(" Quillane")]) for name, bits in passage.bits.items()}
    with opened(browser, pages["two"]) as page:
        words = page.locator("#explorer-lanes i")
        words.filter(has_text="Quillane").first.hover()
        expected = {name: pytest.approx(bits, abs=0.051) for name, bits in paid.items()}
        assert explored(page) == ("␣Quillane", expected)
        word, characters = page.locator("#explorer-bill .card").all()
        assert "␣Quillane <NOUN>" in " ".join(word.locator("tbody").inner_text().split())
        assert characters.locator("tbody tr").count() == len(" Quillane")
        assert "".join(characters.locator("td.guesses").first.inner_text().split()) == "the25%of12%"
        assert page.locator("#explorer-lanes i.on").all_inner_texts() == ["Quillane"] * 2
        page.mouse.move(0, 0)
        page.locator("#explorer-lanes .txt").first.focus()
        for key, text in (("Home", "The"), ("ArrowRight", "␣lamp"), ("End", ".")):
            page.keyboard.press(key)
            assert explored(page)[0] == text
        assert not [text for text in words.all_inner_texts() if text.startswith(" ")]  # no sliver at a line's end
        assert len({*words.evaluate_all("all => all.map(i => i.className)")}) > 3
        page.locator("#explorer-shade").select_option("rank")
        shades = {*words.evaluate_all("all => all.map(i => i.className.slice(0, 2))")}
        assert shades == {"b0", "b3"}  # rank 3, or spelled


def test_a_tip_shows_a_mark_and_nine_models_are_explored_by_choice(browser, pages) -> None:
    with opened(browser, pages["nine"]) as page:
        page.locator("#chart-bands circle").first.hover(force=True)
        assert re.search(r": \d\.\d\d$", page.locator("#tip").inner_text())
        page.locator("#explorer-a").select_option(label="char")
        page.locator("#explorer-passage").select_option(index=1)
        second = comparison(NINE).passages[1]
        assert page.locator("#explorer-lanes .card b").first.inner_text() == "char"
        assert page.locator("#explorer-lanes .txt").first.inner_text().startswith(second.text[:16])
        assert page.locator("#explorer-place").inner_text().startswith(second.document)


def test_one_model_alone_and_a_text_with_markup_can_be_explored_by_touch(browser, tmp_path) -> None:
    path = written(tmp_path, comparison({"char": (2.4,)}, passages=(WITH_MARKUP,)))
    with opened(browser, path, PHONE, has_touch=True) as page:
        text = page.locator("#explorer-lanes .txt")
        assert text.text_content() == WITH_MARKUP
        assert not page.locator("#explorer-b").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.locator("#explorer-lanes i", has_text="end").tap()  # places count code points, scripts count halves
        assert explored(page)[0] == "␣end"
