"""The page against its promises: complete, escaped, offline, small, and faithful to the passages' characters."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import toolkit
from toolkit.evaluation.compressors import baselines
from toolkit.report import render
from toolkit.report.columns import VARIANTS, Results
from toolkit.report.explorer import stretches
from toolkit.report.page import SECTIONS, embedded_json, vega_script
from toolkit.results.cell import COMPRESSORS
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Folds
from toolkit.results.generated import Fill, Sample

from .comparison_example import FAILED, NINE, PASSAGE, SECOND, comparison
from .pages import ATTACK, Page

OPTIONAL = ("folds", "sweep", "scaling", "blind")  # sections
PACKAGE = Path(toolkit.__file__).parent


@pytest.fixture(scope="module")
def html() -> str:
    return render(comparison(failed=(FAILED,), facts={"notes": ["Valid and test are the same text."]}))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


@pytest.mark.parametrize(
    ("totals", "failed", "absent"),
    [(None, (FAILED,), ()), ({"char": (2.43,)}, (), ("documents",)), ({}, (FAILED,), ("documents", "samples"))],
)
def test_every_section_with_a_subject_is_there_in_order(totals, failed, absent) -> None:
    page = Page(render(comparison(totals, failed=failed)))
    expected = [name for name in SECTIONS if name not in (*OPTIONAL, *absent)]
    links = [value for tag, key, value in page.attributes if (tag, key) == ("a", "href")]
    assert [name for name in page.ids if name in SECTIONS] == expected
    assert links[: len(expected)] == [f"#{name}" for name in expected]
    assert len(page.ids) == len(set(page.ids))
    assert (FAILED.reason in page.text) == bool(failed)


def test_the_facts_of_the_comparison_are_named(page: Page) -> None:
    for text in (
        "weird-tales",
        "45 documents",
        "441,722",
        "88,123",
        "PPMd primed",
        "14 November 2026, 09:41 UTC",
    ):
        assert text in page.text


def test_every_chart_has_its_place_and_every_place_its_chart(page: Page) -> None:
    places = {name.removeprefix("chart-") for name in page.ids if name.startswith("chart-")}
    assert places == set(page.data["charts"])
    assert len(places) == 11


def attacked() -> Comparison:
    """The example with a script element in every text that comes from a corpus, a model or a user."""
    text = comparison(failed=(FAILED,)).model_dump_json(by_alias=True)
    for old in (
        "weird-tales", "tale_40", "tale_01", "gleed", "NOUN", "x86_64", "memory_gib",
        "9f2c9f2c", "The lamp ", " dook", "marrish", "qxzt",
        "was the stair of the dook", "nobody here", "the loss was not finite", " beats ", '"pos":"ADJ',
        "word:unk", "--seeds 2", "letters_jsd", "rare_max_count", '"language":"en', '"python":"3.12.3', "Quillane",
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, old + ATTACK)
    attacked = Comparison.model_validate_json(text)
    for passage in attacked.passages:  # the text grew; its bits follow
        for bits in passage.bits.values():
            bits += [1.25] * (len(passage.text) - len(bits))
    attacked.corpus.notes = [ATTACK]
    return attacked


def test_no_text_of_others_becomes_markup(page: Page) -> None:
    html = render(attacked())
    hostile = Page(html)
    assert len(hostile.scripts) == len(page.scripts) == 3
    assert ATTACK not in html
    assert hostile.text.count(ATTACK) > 20
    assert not [key for _, key, _ in hostile.attributes if key.startswith("on")]
    data = next(text for attrs, text in hostile.scripts if attrs.get("id") == "data")
    assert not set("<>&") & set(data)
    assert "word:unk" + ATTACK in json.dumps(hostile.data)


def test_json_in_the_page_cannot_end_its_element_and_holds_no_number_that_json_lacks() -> None:
    text = embedded_json({"a": ["</script><!--", "\u2028", math.inf, math.nan, 1.5]})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": ["</script><!--", "\u2028", None, None, 1.5]}


def test_nothing_is_loaded_from_the_network(html: str, page: Page) -> None:
    assert not re.search(r"""@import|url\(""", html[: html.index("</style>")])
    assert not [pair for pair in page.attributes if pair[1] in {"src", "srcset", "action", "data", "poster"}]
    assert all(str(value).startswith("#") for _, key, value in page.attributes if key == "href")
    policy = next(
        str(value) for _, key, value in page.attributes if key == "content" and "default-src" in str(value)
    )
    assert "default-src 'none'" in policy
    assert policy.count("sha256-") == 2
    assert not re.search("</script|<!--|\r", vega_script().lower())


def test_every_class_of_the_style_sheets_is_in_use() -> None:
    files = {
        kind: [path.read_text("utf-8") for path in PACKAGE.rglob(f"*.{kind}")]
        for kind in ("css", "j2", "js", "py")
    }
    selectors = [re.sub(r"\{[^{}]*\}", " ", text) for text in files["css"]]
    styled = set(re.findall(r"\.([a-zA-Z][\w-]*)", " ".join(selectors)))
    attribute = r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"'
    quoted = [*re.findall(attribute, " ".join(files["j2"])), *re.findall(r'"([^"\n]*)"', " ".join(files["js"]))]
    given = re.findall(r"[\w-]+", " ".join(quoted))
    named = re.findall(r'"(\w+)"', " ".join(files["j2"] + files["py"]))  # given to a template, or to a macro
    assert styled - {*given, *named, *(f"b{n}" for n in range(10))} == set()


def luminance(colour: str) -> float:
    """Return the relative luminance: https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_lines_that_mark_something_can_be_seen_on_their_card() -> None:
    """Contrast of 3 to 1, as WCAG asks of lines."""
    light, dark = (PACKAGE / "report" / "templates" / "style.css").read_text("utf-8").split("@media", 2)[:2]
    for scheme in (light, dark):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", scheme))
        for name in ("accent", "good", "warn-line", "bad-line"):
            contrast = (luminance(colours[name]) + 0.05) / (luminance(colours["card"]) + 0.05)
            assert max(contrast, 1 / contrast) >= 3, name


def test_nine_columns_are_all_there_in_every_section() -> None:
    whole = comparison(NINE, passages=(PASSAGE * 2,))
    page = Page(render(whole))
    assert min(page.text.count(name) for name in NINE) > 10
    assert len(set(Results(whole).colours.values())) == 9
    assert len(page.table("verdict", "smallest detectable")) == 1 + 36
    assert page.count("td", "settled") + page.count("td", "unsettled") == 72  # each pair twice


def test_every_difference_over_folds_is_in_a_table() -> None:
    whole = comparison({name: NINE[name] for name in list(NINE)[:4]})
    contrasts = [pair.model_copy(update={"difference": 7 + i / 100}) for i, pair in enumerate(whole.contrasts)]
    folds = Folds(folds=[], totals=dict.fromkeys(whole.columns, 2.0), contrasts=contrasts)
    table = Page(render(whole.model_copy(update={"folds": folds}))).table("folds", "smallest detectable")
    assert [row[2] for row in table[1:]] == [f"+7.{i:02}0" for i in range(6)]


def test_samples_and_passages_are_shown_whole(page: Page) -> None:
    sample = comparison().generated["word:pos"].samples[0]
    assert sample.prompt + sample.text in page.text_in("text")
    assert page.text_in("shaded") == PASSAGE * 2  # of the best column and the next; a script shows all others


@given(st.text(max_size=30), st.lists(st.integers(0, 35), max_size=6, unique=True))
def test_no_character_is_lost_or_doubled_by_fills(text: str, places: list[int]) -> None:
    spans = list(zip(sorted(places)[::2], sorted(places)[1::2], strict=False))
    fills = [Fill(start=start, end=end, name="X") for start, end in spans]
    cut = list(stretches(Sample(prompt="", seed=1, temperature=1.0, text=text, fills=fills)))
    assert "".join(piece for _, piece in cut) == text
    assert [piece for name, piece in cut if name] == [text[start:end] for start, end in spans]


def test_nine_columns_with_three_seeds_stay_well_under_two_megabytes() -> None:
    totals = {f"word:strategy{i}": (2.3 + i / 50, 2.31 + i / 50, 2.32 + i / 50) for i in range(8)}
    whole = comparison({"char": (2.4, 2.5, 2.6), **totals}, rows=2_000, passages=(PASSAGE, SECOND) * 5)
    assert sum(len(reading.ids) for passage in whole.passages for reading in passage.readings.values()) > 10_000
    assert len(render(whole).encode()) < 1_800_000


def test_a_column_without_history_samples_measures_or_classes_has_a_page() -> None:
    whole = comparison({"word:pos": (2.4,)}, passages=())
    (bare,) = whole.done
    assert bare.generated is not None
    bare.history, bare.generated.samples, bare.coverage.classes, bare.generated.measures = [], [], [], {}
    data = Page(render(whole)).data
    assert "learning-characters" not in data["charts"]
    assert data["explorer"] is None


def test_every_label_is_of_a_compressor_that_there_is() -> None:
    computed = baselines(["the lamp"], ["a ship"], ["the moon " * 100])
    assert list(COMPRESSORS) == list(dict.fromkeys(baseline.name for baseline in computed))
    assert list(VARIANTS) == list(dict.fromkeys(baseline.variant for baseline in computed))


def test_a_measure_of_a_third_party_is_shown_under_its_own_name() -> None:
    whole = comparison()
    for generated in whole.generated.values():
        generated.measures["my_new_measure"] = generated.measures["letters_jsd"]
    whole.measures["my_new_measure"] = replace(whole.measures["letters_jsd"], label="my new measure")
    assert "my new measure" in Page(render(whole)).text


def test_the_same_comparison_gives_the_same_page_also_by_way_of_the_file(tmp_path: Path) -> None:
    whole = comparison()
    whole.save(tmp_path / "comparison.json")
    assert render(Comparison.load(tmp_path / "comparison.json")) == render(whole)
