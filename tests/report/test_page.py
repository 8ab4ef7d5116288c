"""The page against its promises: complete, escaped, offline, small, and faithful to the passages' characters."""

import json
import math
import re
from html import unescape
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toolkit.report.sections.verdict import matrix
from toolkit.results.folds import FoldedColumn, Folds

import toolkit
from toolkit.evaluation.compressors import baselines
from toolkit.report import columns, names, render
from toolkit.report.html import embedded_json
from toolkit.report.samples import stretches
from toolkit.report.table import QUANTITIES, rows
from toolkit.results.bits import BitsPerCharacter
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Fill, Mark
from toolkit.results.rows import COMPRESSORS, Row
from toolkit.results.text import perplexity

from .comparison_example import FAILED, NINE, PASSAGE, SECOND, baseline_of, cell, comparison

SECTIONS = [
    "verdict",
    "documents",
    "compared",
    "columns",
    "resources",
    "ledger",
    "noise",
    "learning",
    "coverage",
    "passages",
    "samples",
    "provenance",
]
PACKAGE = Path(toolkit.__file__).parent
ATTACK = "<script>alert(1)</script>"
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser would make of the page: elements by id, scripts, texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.radios: list[dict[str, str | None]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.texts: list[str] = []
        self.shaded: list[str] = []
        self.views = {("seen", "word"): "", ("seen", "placeholder"): "", ("spelled", "word"): ""}
        self.inside: list[tuple[tuple[str, ...], str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, key, value) for key, value in attrs]
        self.ids += [value for key, value in attrs if key == "id" and value]
        if dict(attrs).get("class") == "shaded":
            self.shaded.append("")
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag == "input":
            self.radios.append(dict(attrs))
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
        self.inside.append((tuple(tag for tag, _ in self.open), data))
        classes = {name for _, attrs in self.open for name in (attrs.get("class") or "").split()}
        for text, word in self.views:
            if {"text", text} <= classes and not classes & ({"word", "placeholder"} - {word}):
                self.views[text, word] += data

    def count(self, tag: str, name: str) -> int:
        """Elements of a class."""
        return sum(
            element == tag and key == "class" and name in (value or "").split()
            for element, key, value in self.attributes
        )

    def text_of(self, tag: str) -> str:
        """The text within elements of a name."""
        return " ".join("".join(data for tags, data in self.inside if tag in tags).split())

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    @property
    def data(self) -> dict[str, object]:
        payload: dict[str, object] = json.loads(next(text for attrs, text in self.scripts if attrs.get("id") == "data"))
        return payload


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
        "Dashed lines are compressors", "PPMd primed", "xz cold",
    ):  # fmt: skip
        assert said in page.text, said


def test_every_chart_has_its_place_and_every_place_its_chart(page: Page) -> None:
    places = {name.removeprefix("chart-") for name in page.ids if name.startswith("chart-")}
    charts = page.data["charts"]
    assert isinstance(charts, dict)
    assert places == set(charts)
    assert {"ranking", "documents", "ledger", "band-rates", "band-shares", "coverage", "learning-characters"} <= places


def attacked() -> Comparison:
    """The example with a script element in every text that comes from a corpus, a model or a user."""
    text = comparison(failed=(FAILED,)).model_dump_json(by_alias=True)
    for old in (
        "weird-tales", "tale_40", "tale_01", "gleed", "NOUN", "2026-11-14T09:41:07+00:00", "x86_64", "memory_gib",
        "9f2c9f2c", "The lamp ", " dook", "marrish", "holmard", "qxzt", "stood, ", " said no", "and the old keeper of",
        "was the stair of the dook", "nobody here", "the loss was not finite", " beats ",
        "word:unk", "--seeds 2", "letters_jsd", "rare_max_count", '"language":"en', '"python":"3.12.3', "Quillane",
        '"class":"NOUN', '"pos":"ADJ', "stairs", "gleed", "keepern",
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, old + ATTACK)
    attacked = Comparison.model_validate_json(text)
    for passage in attacked.passages:  # the text grew; its bits follow
        for bits in passage.bits.values():
            bits += [1.25] * (len(passage.text) - len(bits))
    attacked.corpus.notes = [ATTACK]
    for generated in attacked.generated.values():
        for sample in generated.samples:  # every fill begins with the attack
            spelled = sample.spelled
            for text, fills in ((sample.text, sample.fills), *([(spelled.text, spelled.fills)] if spelled else [])):
                for fill in fills:
                    fill.end = min(fill.end + len(ATTACK), len(text))
            sample.marks = [Mark(start=0, end=60, kind="copied", document=ATTACK, place=0), *sample.marks]
    return attacked


def test_every_class_of_the_style_sheets_is_in_use() -> None:
    files = {
        kind: [path.read_text("utf-8") for path in PACKAGE.rglob(f"*.{kind}")] for kind in ("css", "j2", "js", "py")
    }
    selectors = [re.sub(r"\{[^{}]*\}", " ", text) for text in files["css"]]
    styled = set(re.findall(r"\.([a-zA-Z][\w-]*)", " ".join(selectors)))
    attribute = r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"'
    quoted = [*re.findall(attribute, " ".join(files["j2"])), *re.findall(r'"([^"\n]*)"', " ".join(files["js"]))]
    given = re.findall(r"[\w-]+", " ".join(quoted))
    named = re.findall(r'"(\w+)"', " ".join(files["j2"] + files["py"]))  # given to a template, or to a macro
    shades = {f"b{n}" for n in range(10)}
    assert styled - {*given, *named, *shades} == set()


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_lines_that_mark_something_can_be_seen_on_their_card() -> None:
    """Contrast of 3 to 1, as WCAG asks for what is no text: wavy lines under new words had 2.2."""
    light, dark = (PACKAGE / "report" / "templates" / "style.css").read_text("utf-8").split("@media", 2)[:2]
    for scheme in (light, dark):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", scheme))
        card = luminance(colours["card"]) + 0.05
        for name in ("accent", "good", "warn-line", "bad-line"):
            contrast = (luminance(colours[name]) + 0.05) / card
            assert max(contrast, 1 / contrast) >= 3, name


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


def nine() -> Comparison:
    """Nine columns as they are compared for rare words."""
    return comparison(NINE, passages=(PASSAGE * 2,))


def test_nine_columns_are_all_there_in_every_section() -> None:
    whole = nine()
    page = Page(render(whole))
    for name in NINE:
        assert page.text.count(name) > 10, name
    assert len({column.colour for column in columns.columns(whole)}) == 9
    assert "36 contrasts in numbers" in page.text
    assert page.text.count(", not about the methods.") == 1  # said once, and not with each of 36
    assert page.text_of("table").count("[") >= 36  # each has its interval
    assert page.count("td", "settled") + page.count("td", "unsettled") == 72  # each pair twice
    assert (
        "It beats word:spell, word:drop, bpe and char: for these, the interval of the difference excludes zero"
        in page.text
    )


def test_every_difference_over_folds_is_in_a_table() -> None:
    """Four columns have six; only some stand there in words."""
    whole = comparison({name: NINE[name] for name in list(NINE)[:4]})
    names = [column.name for column in columns.columns(whole)]
    folded = [FoldedColumn(column=name, seeds=1, bits_per_character=2.0, documents=[]) for name in names]
    contrasts = [one.model_copy(update={"difference": 7 + i / 100}) for i, one in enumerate(whole.contrasts)]
    folds = Folds(folds=[], columns=folded, deviation=0.0, contrasts=contrasts)
    (section,) = re.findall(
        r'<section id="folds">.*?</section>', render(whole.model_copy(update={"folds": folds})), re.S
    )
    assert [f"+7.{i:02}0" in section for i in range(len(contrasts))] == [True] * 6


def test_the_matrix_says_each_difference_and_its_opposite() -> None:
    whole = nine()
    results = columns.columns(whole)
    rows = matrix(whole, results)
    totals = {column.name: column.total for column in results}
    for i, (row, entries) in enumerate(rows):
        assert entries[i] is None
        for column, entry in zip(results, entries, strict=True):
            if entry:
                assert entry.difference == pytest.approx(totals[row.name] - totals[column.name])


def test_the_three_views_of_a_sample_are_of_the_same_text(page: Page) -> None:
    written = comparison().generated["word:pos"].samples[0]
    assert written.spelled is not None
    assert written.prompt + written.text in page.views["seen", "word"]
    assert (
        written.prompt
        + written.text.replace("keeper", "⟨NOUN⟩").replace("harbour", "⟨NOUN⟩").replace("number", "⟨NOUN⟩")
        in page.views["seen", "placeholder"]
    )
    assert written.prompt + written.spelled.text in page.views["spelled", "word"]
    views = [attrs for attrs in page.radios if attrs["name"] == "view"]
    (checked,) = [attrs for attrs in views if "checked" in attrs]
    assert checked["id"] == "view-filled"
    assert len(views) == 3


def test_one_row_of_samples_is_shown_and_the_others_can_be_picked(page: Page) -> None:
    picked = [attrs for attrs in page.radios if attrs["name"] == "sample"]
    assert [attrs["id"] for attrs in picked] == [f"sample-{i}" for i in range(1, len(picked) + 1)]
    assert ["checked" in attrs for attrs in picked] == [True] + [False] * (len(picked) - 1)
    rows = [str(value).split() for _, key, value in page.attributes if key == "class" and "row" in str(value).split()]
    assert [number for _, at, number in rows if at == "at-own"] == [attrs["id"] for attrs in picked]


def test_each_temperature_of_the_sweep_can_be_picked(html: str, page: Page) -> None:
    sweep = comparison().generated["char"].sweep
    assert sweep is not None
    picked = [attrs["id"] for attrs in page.radios if attrs["name"] == "temperature"]
    assert picked == ["at-own", *(f"at-{i}" for i in range(1, len(sweep.points) + 1))]
    assert ["checked" in attrs for attrs in page.radios if attrs["name"] == "temperature"] == [True] + [False] * 8
    rows = [str(value).split() for _, key, value in page.attributes if key == "class" and "row" in str(value).split()]
    swept = [(at, number) for _, at, number in rows if at != "at-own"]
    assert swept == [(f"at-{i}", f"text-{k}") for i in range(1, 9) for k in (1, 2)]
    hidden = re.search(r"</div>\s*<style>(.*?)</style>", html, re.DOTALL)
    assert hidden is not None
    controls = {attrs["id"] for attrs in page.radios if attrs["name"] in ("temperature", "sample", "text")}
    assert set(re.findall(r"#samples:has\(#([\w-]+):not\(:checked\)\) \.\1", hidden[1])) == controls
    for point in sweep.points:
        for sample in point.samples:
            assert f"temperature {point.temperature:.2f}, seed {sample.seed}" in page.text
            assert " ".join((sample.prompt + sample.text).split()) in page.text


def underlined(whole: Comparison) -> list[tuple[str, tuple[str, ...]]]:
    """What the page underlines: each stretch with its classes."""
    html = render(whole)
    rows = html[html.index('<div class="row ') : html.index("The samples, measured")]
    pieces = re.findall(r'<u class="([a-z ]+)"[^>]*>([^<]*)</u>', rows)
    return [(unescape(text), tuple(classes.split())) for classes, text in pieces]


def test_what_is_marked_on_the_page_is_what_is_marked_in_the_comparison() -> None:
    whole = comparison({"word:pos": (2.3,)})
    generated = whole.generated["word:pos"]
    assert generated.sweep is not None
    swept = [sample for at in generated.sweep.points for sample in at.samples]
    expected = []
    for sample in (*generated.samples, *swept):
        for text in (sample, sample.spelled):
            assert text is not None
            by_character: list[tuple[str, ...]] = [() for _ in text.text]
            fills = {place for fill in text.fills for place in range(fill.start, fill.end)}
            for mark in text.marks:
                for place in range(mark.start, mark.end):
                    by_character[place] += (mark.kind,)
            keys = [(kinds, i in fills) for i, kinds in enumerate(by_character)]
            for (kinds, _), group in groupby(range(len(keys)), key=keys.__getitem__):
                if kinds:
                    expected.append(("".join(text.text[i] for i in group), kinds))
    assert underlined(whole) == expected
    assert {kinds for _, kinds in expected} >= {("copied",), ("plausible",)}


def test_marks_that_overlap_with_each_other_and_with_fills_are_composed() -> None:
    text = "an old grey owl <sat>"
    fill = Fill(start=7, end=15, name="NOUN")
    marks = [
        Mark(start=0, end=11, kind="copied", document="a", place=1),
        Mark(start=3, end=18, kind="copied", document="b", place=2),
        Mark(start=8, end=10, kind="broken"),
    ]
    cut = stretches(text, [fill], marks)
    assert [(stretch.word_class, [piece.text for piece in stretch.pieces]) for stretch in cut] == [
        (None, ["an ", "old "]), ("NOUN", ["g", "re", "y", " owl"]), (None, [" <s", "at>"]),
    ]  # fmt: skip
    kinds = [piece.kinds for stretch in cut for piece in stretch.pieces]
    assert kinds == [*[("copied",)] * 3, ("copied", "broken"), *[("copied",)] * 3, ()]
    sources = [piece.source and piece.source.document for stretch in cut for piece in stretch.pieces]
    assert sources == ["a", "a", "a", "a", "a", "b", "b", None]
    assert stretches(text[:9], [fill], marks)[-1].pieces[-1].text == "r"


@given(
    st.text(max_size=30), st.lists(st.tuples(st.integers(0, 35), st.integers(0, 35)), max_size=5), st.integers(0, 35)
)
def test_no_character_is_lost_or_doubled_by_marks(text: str, spans: list[tuple[int, int]], place: int) -> None:
    marks = [Mark(start=min(span), end=max(span), kind="real") for span in spans]
    cut = stretches(text, [Fill(start=place, end=place + 3, name="X")], marks)
    assert "".join(piece.text for stretch in cut for piece in stretch.pieces) == text
    assert all(piece.text for stretch in cut for piece in stretch.pieces)


def test_without_placeholders_there_is_nothing_to_choose() -> None:
    page = Page(render(comparison({"char": (2.4,), "bpe": (2.3,)})))
    assert [attrs for attrs in page.radios if attrs["name"] == "view"] == []
    assert "as spelled" not in page.text
    written = comparison({"char": (2.4,)}).generated["char"].samples[0]
    assert " ".join((written.prompt + written.text).split()) in page.text


def test_the_curves_have_a_point_for_every_temperature_of_models_and_their_ngrams(page: Page) -> None:
    charts = page.data["charts"]
    assert isinstance(charts, dict)
    text = json.dumps(charts["temperatures"])
    assert text.count('"who": "the model"') == text.count('"who": "n-grams of its tokens"') == 3 * 8
    assert "33.4" not in page.text_of("details")
    assert "20.0 %" in page.text_of("details")  # and in the table for those without scripts


def test_what_betrays_each_column_is_told(page: Page) -> None:
    told = comparison().generated["char"].told_apart
    assert told is not None
    for said in (
        f"A classifier of {told.passages} passages does not tell the samples from the author’s training text (area",
        "(area 0.90, p = 0.310).",
        "A classifier tells the samples from the author’s training text (area 0.90, p = 0.008).",
        "passages does not tell these passages from", "␣dook0 30 : 2", "New words, plausible",
        "holmard · keepern", "marrish · gleedern",
        "…stood, and the old keeper of the harbour said no…",
        "33 characters, 7 words: sample 2, from tale_01, character 1,204",
    ):  # fmt: skip
        assert said in page.text, said


def test_what_tells_samples_from_the_authors_passages_is_marked_and_counted(page: Page) -> None:
    telling = [len(generated.telling or ()) for generated in comparison().generated.values()]
    assert page.count("span", "far") == 1 + sum(telling)  # one in the legend
    assert min(telling) > 0
    measured = len(comparison().generated["char"].measures)
    assert f"by chance alone, at most 1 in 20–0 of {measured}{telling[0]} of {measured}" in page.text
    assert f"{telling[0]} of {measured} measures tell the samples from the author’s passages: " in page.text


def test_each_part_of_speech_has_its_row_and_the_fewest_bits_are_marked(page: Page) -> None:
    for name in ("nouns NOUN", "verbs VERB", "interjections INTJ", "symbols SYM", "not a word"):
        assert name in page.text
    told = [lead for lead in comparison().leads if lead.by == "part of speech" and lead.high < 0]
    assert page.count("td", "fewest") == len(told) == len(comparison().done[0].by_part_of_speech) - 1


def test_the_words_are_data_for_any_two_columns(page: Page) -> None:
    whole = comparison()
    words = page.data["words"]
    assert isinstance(words, dict)
    assert words["columns"] == whole.columns
    assert [word[0] for word in words["words"]] == [word.text for word in whole.words.words]
    assert words["bits"][1] == [round(bits, 2) for bits in whole.words.bits["word:unk"]]
    assert {"words-a", "words-b", "word-tables"} <= set(page.ids)
    alone = Page(render(comparison({"char": (2.4,)})))
    assert alone.data["words"] is None
    assert "words-a" not in alone.ids


def test_nine_columns_with_three_seeds_stay_well_under_two_megabytes() -> None:
    totals = {f"word:strategy{i}": (2.3 + i / 50, 2.31 + i / 50, 2.32 + i / 50) for i in range(8)}
    whole = comparison({"char": (2.4, 2.5, 2.6), **totals}, rows=2_000, passages=(PASSAGE, SECOND) * 12)
    html = render(whole)
    assert len(html.encode()) < 1_800_000
    shown = Page(html).data["explorer"]
    assert isinstance(shown, dict)
    assert 5 < len(shown["passages"]) < len(whole.passages) == 24  # as many as there is room for
    page = Page(html)
    for name in totals:
        assert name in page.text


def test_each_passage_is_kept_character_by_character(page: Page) -> None:
    assert page.shaded == [PASSAGE] * 2  # of the best column and the next; a script shows the others


def test_one_column_has_no_contrasts_and_still_a_page() -> None:
    page = Page(render(comparison({"char": (2.43,)})))
    assert [name for name in page.ids if name in SECTIONS] == [name for name in SECTIONS if name != "documents"]
    assert "there is no second column to compare it with" in page.text
    assert "it is the only column with a result" in page.text
    assert "chart-documents" not in page.ids


def test_when_every_cell_failed_the_reasons_are_shown() -> None:
    page = Page(render(comparison({}, failed=(FAILED,))))
    assert "there is no verdict" in page.text
    assert page.text.count("the loss was not finite after update 312") == 2


def test_a_column_without_history_samples_measures_or_classes() -> None:
    whole = comparison({"word:pos": (2.4,)}, passages=())
    bare = cell("word:pos", 2.4)
    assert bare.generated is not None
    bare.history, bare.generated.samples, bare.coverage.classes = [], [], []
    bare.generated.measures = {}
    whole.cells = [bare]
    whole.corpus.coverage.curve = []
    page = Page(render(whole))
    for said in ("No learning curve was kept.", "No passage was kept.", "No samples were kept."):
        assert said in page.text


def test_every_label_is_of_a_compressor_that_there_is() -> None:
    found = baselines(["the lamp"], ["a ship"], ["the moon " * 100])
    assert list(COMPRESSORS) == list(dict.fromkeys(baseline.name for baseline in found))
    assert list(names.VARIANTS) == list(dict.fromkeys(baseline.variant for baseline in found))


def test_a_measure_or_a_baseline_of_a_third_party_is_shown_under_its_own_name() -> None:
    whole = comparison()
    for generated in whole.generated.values():
        generated.measures["my_new_measure"] = generated.measures["letters_jsd"]
    whole.measures["my_new_measure"] = whole.measures["letters_jsd"].model_copy(update={"label": "my new measure"})
    whole.baselines.append(baseline_of("my_zip", "primed", 2.2))
    page = Page(render(whole))
    assert "my new measure" in page.text
    assert "my zip primed" in page.text


def test_the_same_comparison_gives_the_same_page_also_by_way_of_the_file(tmp_path: Path) -> None:
    whole = comparison()
    whole.save(tmp_path / "comparison.json")
    assert render(Comparison.load(tmp_path / "comparison.json")) == render(whole)


def test_a_perplexity_over_seeds_goes_with_the_mean_of_their_bits() -> None:
    """So that it compares with a compressor's, of which there is one."""
    same = baseline_of("ppmd", "primed", 2.5)
    whole = comparison({"char": (2.0, 3.0)}, baselines=[same])
    for one, per_token in zip(whole.done, (4.0, 16.0), strict=True):
        one.perplexity_per_token = per_token
    char, ppmd = rows(columns.Results.of(whole))
    labels = [quantity.label for quantity in QUANTITIES]
    per_word, per_token = labels.index("per word"), labels.index("per token")
    assert char.entries[per_word].text == ppmd.entries[per_word].text == perplexity(2 ** (2.5 * 5.31))
    assert char.entries[per_token].text == "8.0"


def test_a_row_shows_its_perplexity_per_token() -> None:
    parts = {"words": 1.9, "classes": 0.1, "spelling": 0.2, "spacing": 0.15, "document_ends": 0.0}
    made = [
        Row(
            column="char", kind="adapting", seeds=[seed], rate=0.3, rule=None, verified=None, documents=[],
            bits_per_character=BitsPerCharacter(total=2.35, **parts), bits_per_byte=2.31,
            perplexity_per_token=per_token,
        )
        for seed, per_token in enumerate((4.0, 16.0))
    ]  # fmt: skip
    place = [quantity.label for quantity in QUANTITIES].index("per token")
    whole = comparison({"char": (2.0, 3.0)}, made=made)
    (of_row,) = (row for row in rows(columns.Results.of(whole)) if row.kind == "made")
    assert of_row.entries[place].text == "8.0"


def test_what_is_made_of_cells_has_a_row_and_stays_out_of_the_verdict() -> None:
    ledger = {"words": 1.9, "classes": 0.1, "spelling": 0.2, "spacing": 0.15, "document_ends": 0.001}
    made = [
        Row(
            column=column, kind=kind, seeds=seeds, rate=rate, rule=None, verified=None, documents=[],
            bits_per_character=BitsPerCharacter(total=2.351, **ledger), bits_per_byte=2.31, perplexity_per_token=5.1,
        )
        for column in ("char", "word:pos")
        for kind, seeds, rate in (("ensemble", [1, 2], None), ("adapting", [1], 0.3), ("adapting", [2], 0.3))
    ]  # fmt: skip
    whole = comparison(made=made)
    whole.contrasts.append(whole.contrasts[0].model_copy(update={"a": "char (ensemble)", "b": "word:pos (ensemble)"}))
    page = Page(render(whole))
    assert "char (ensemble)" in page.text
    assert "word:pos (adapting)" in page.text
    assert "mean of 2 seeds" in page.text
    assert page.text.count("2.351") == 4
    assert "◆ the ensemble of a column’s seeds, ▶ a column that goes on learning." in page.text
    assert [(c.a, c.b) for c in whole.leading_contrasts(99)] == [
        ("char", "word:unk"), ("char", "word:pos"), ("word:unk", "word:pos"),
    ]  # fmt: skip
