"""The page against its promises: complete, escaped, offline, small, and faithful to the passages' characters."""

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from toolkit.report import columns, render
from toolkit.report.page import embedded_json
from toolkit.results import Baseline, Comparison

from .comparison_example import FAILED, PASSAGE, SECOND, cell, comparison

SECTIONS = ["verdict", "columns", "ledger", "learning", "coverage", "passages", "samples", "provenance"]
ATTACK = "<script>alert(1)</script>"
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would make of the page: elements by id, scripts, texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.texts: list[str] = []
        self.shaded: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, key, value) for key, value in attrs]
        self.ids += [value for key, value in attrs if key == "id" and value]
        if dict(attrs).get("class") == "shaded":
            self.shaded.append("")
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] == "script":
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)
        elif self.open and self.open[-1][0] != "style":
            self.texts.append(data)
        if any(attrs.get("class") == "shaded" for _, attrs in self.open):
            self.shaded[-1] += data

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    @property
    def data(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(next(text for attrs, text in self.scripts if attrs.get("id") == "data"))
        return found


@pytest.fixture(scope="module")
def html() -> str:
    return render(comparison(failed=(FAILED,), facts={"notes": ["Valid and test are the same text."]}))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_every_section_is_there_in_order_and_every_element_is_closed(page: Page) -> None:
    assert [name for name in page.ids if name in SECTIONS] == SECTIONS
    assert not page.open
    assert len(page.ids) == len(set(page.ids))


def test_what_was_compared_is_named(page: Page) -> None:
    for said in (
        "weird-tales", "45 documents", "441,722", "88,123", "char", "word:unk", "word:pos",
        "Valid and test are the same text.",
        "the loss was not finite after update 312", "toolkit compare --tokenizers char,word:unk,word:pos",
        "14 November 2026, 09:41 UTC", "A model is asked", "not comparable between columns",
        "Dashed lines are the compressors", "PPMd primed", "xz cold", "10 % of the words appear only once",
    ):  # fmt: skip
        assert said in page.text, said


def test_the_verdict_names_the_best_column_and_how_it_stands_to_counting(page: Page) -> None:
    assert "word:pos needs 2.383 bits per character, the fewest of 3 columns." in page.text
    meaning = columns.VARIANTS["primed"]
    assert f"loses to PPMd primed ({meaning}), at 2.079, by 0.304 bits per character" in page.text
    assert "beats xz primed" in page.text
    assert "lead over word:unk is not settled" in page.text
    for contrast in comparison().contrasts:
        assert contrast.verdict in page.text


def test_every_chart_has_its_place_and_every_place_its_chart(page: Page) -> None:
    places = {name.removeprefix("chart-") for name in page.ids if name.startswith("chart-")}
    charts = page.data["charts"]
    assert isinstance(charts, dict)
    assert places == set(charts)
    assert {"contrasts", "ledger", "band-rates", "band-shares", "coverage", "learning-characters"} <= places


def attacked() -> Comparison:
    """The example with a script element in every text that comes from a corpus, a model or a user."""
    text = comparison(failed=(FAILED,)).model_dump_json(by_alias=True)
    for old in (
        "weird-tales", "tale_40", "tale_01", "gleed", "NOUN", "2026-11-14T09:41:07+00:00", "x86_64", "memory_gib",
        "9f2c9f2c", "The lamp ", "was the stair of the dook", "nobody here", "the loss was not finite", " beats ",
        "word:unk", "--seeds 2", "letters_jsd", "rare_max_count", '"language":"en', '"python":"3.12.3',
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, old + ATTACK)
    found = Comparison.model_validate_json(text)
    for passage in found.passages:  # the text grew; its bits follow
        for bits in passage.bits.values():
            bits += [1.25] * (len(passage.text) - len(bits))
    found.corpus.notes = [ATTACK]
    return found


def test_no_text_of_others_becomes_markup(page: Page) -> None:
    html = render(attacked())
    hostile = Page(html)
    assert not hostile.open
    assert len(hostile.scripts) == len(page.scripts) == 3
    assert ATTACK not in html
    assert hostile.text.count(ATTACK) > 20
    assert not [key for _, key, _ in hostile.attributes if key.startswith("on")]
    data = next(text for attrs, text in hostile.scripts if attrs.get("id") == "data")
    assert not set("<>&") & set(data)
    assert "word:unk" + ATTACK in json.dumps(hostile.data)


def test_json_in_the_page_cannot_end_its_element_and_holds_no_number_that_json_lacks() -> None:
    value = {"a": ["</script><!--", "\u2028", math.inf, math.nan, 1.5]}
    text = str(embedded_json(value))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": ["</script><!--", "\u2028", None, None, 1.5]}


def test_nothing_is_loaded_from_the_network(html: str, page: Page) -> None:
    assert not re.search(r"""<(script|img|link|iframe|source)[^>]+(src|href)\s*=\s*["']?(https?:)?//""", html)
    assert not re.search(r"""@import\s+(url\()?["']?https?:""", html)
    assert not re.search(r"""url\(""", html[: html.index("</style>")])
    loads = {"src", "srcset", "action", "data", "poster"}
    assert not [pair for pair in page.attributes if pair[1] in loads]
    assert all(str(value).startswith("#") for _, key, value in page.attributes if key == "href")
    policy = next(str(value) for _, key, value in page.attributes if key == "content" and "default-src" in str(value))
    assert "default-src 'none'" in policy
    assert policy.count("sha256-") == 2


def test_nine_columns_with_three_seeds_stay_well_under_two_megabytes() -> None:
    totals = {f"word:strategy{i}": (2.3 + i / 50, 2.31 + i / 50, 2.32 + i / 50) for i in range(8)}
    passages = (PASSAGE * 20, SECOND * 20, PASSAGE * 20)
    html = render(comparison({"char": (2.4, 2.5, 2.6), **totals}, rows=2_000, passages=passages))
    assert len(html.encode()) < 1_600_000
    found = Page(html)
    for name in totals:
        assert name in found.text
    assert {len(text) for text in found.shaded} == {9_000 // 27}


def test_each_passage_is_kept_character_by_character(page: Page) -> None:
    assert page.shaded == [PASSAGE] * 3 + [SECOND] * 3


def test_one_column_has_no_contrasts_and_still_a_page() -> None:
    found = Page(render(comparison({"char": (2.43,)})))
    assert [name for name in found.ids if name in SECTIONS] == SECTIONS
    assert "it is the only column with a result" in found.text
    assert "chart-contrasts" not in found.ids


def test_without_baselines_the_page_says_so() -> None:
    found = Page(render(comparison(baselines=[])))
    assert "No baseline was computed." in found.text
    assert "PPMd primed" not in found.text


def test_when_every_cell_failed_the_reasons_are_shown() -> None:
    found = Page(render(comparison({}, failed=(FAILED,))))
    assert "there is no verdict" in found.text
    assert found.text.count("the loss was not finite after update 312") == 2


def test_a_column_without_history_samples_measures_or_classes() -> None:
    whole = comparison({"word:pos": (2.4,)}, passages=())
    bare = cell("word:pos", 2.4)
    bare.history, bare.generated.samples, bare.coverage.classes = [], [], []
    bare.generated.measures = {}
    whole.cells = [bare]
    whole.corpus.coverage.curve = []
    found = Page(render(whole))
    for said in ("No learning curve was kept.", "No passage was kept.", "No samples were kept."):
        assert said in found.text


def test_cells_with_less_text_have_a_chart_and_stay_out_of_the_means() -> None:
    whole = comparison({"char": (2.4,), "word:pos": (2.3,)})
    whole.cells = [*whole.cells, cell("char", 2.9).model_copy(update={"fraction": 0.5})]
    found = Page(render(whole))
    assert "chart-fractions" in found.ids
    assert "2.400" in found.text
    assert "2.900" not in found.text


def test_a_measure_or_a_baseline_of_a_third_party_is_shown_under_its_own_name() -> None:
    whole = comparison()
    for done in whole.done:
        done.generated.measures["my_new_measure"] = done.generated.measures["letters_jsd"]
    whole.baselines.append(Baseline(name="word_ngram", variant="adapting", bits_per_character=2.2))
    found = Page(render(whole))
    assert "my new measure" in found.text
    assert "word n-gram adapting" in found.text


def test_the_same_comparison_gives_the_same_page_also_by_way_of_the_file(tmp_path: Path) -> None:
    whole = comparison()
    whole.save(tmp_path / "comparison.json")
    assert render(Comparison.load(tmp_path / "comparison.json")) == render(whole)
