"""The page against its promises: complete, escaped, offline, small, and faithful to the characters of all texts."""

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.comparison_example import (
    COMPARISONS,
    FAILED,
    NINE,
    PASSAGE,
    SECOND,
    TWO,
    blind_comparison,
    comparison,
)  # fmt: skip
from toolkit.report import explorer, render
from toolkit.report.columns import Results
from toolkit.report.page import SECTIONS, embedded_json
from toolkit.results.bits import AUTHOR
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Fill, Sample
from toolkit.text.neutral import words

from .pages import ATTACK, Page

CHARTS = {"documents", "bits", "bands", "parts-of-speech", "noise", "learning", "curve"}
OTHER_CHARTS = {  # of the comparisons that do not have these
    "one model": CHARTS - {"documents"},
    "no model": {"curve"},
    "fractions": CHARTS | {"scaling"},
    **dict.fromkeys(["nine models", "rows made of models", "a sweep"], CHARTS | {"ranking"}),
    **dict.fromkeys(["folds", "folds of which one failed", "folds with one model"], CHARTS | {"ranking"}),
}


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(comparison(failed=(FAILED,))))


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_section_has_its_place_and_every_chart_is_drawn_without_a_script(name) -> None:
    html, charts = render(COMPARISONS[name]()), OTHER_CHARTS.get(name, CHARTS)
    page = Page(html)
    assert [name for name in page.ids if name in SECTIONS] == list(SECTIONS)
    links = [value for tag, key, value in page.attributes if (tag, key) == ("a", "href")]
    assert links[:6] == [f"#{name}" for name in SECTIONS]
    assert len(page.ids) == len(set(page.ids))
    drawn = {name.removeprefix("chart-") for name in page.ids if name.startswith("chart-")}
    assert drawn == charts == set(page.data["charts"])
    assert html.count('<svg class="plot"') == len(charts)
    assert not re.search(r"\bnan\b|None|Undefined", "".join(re.findall(r"(?s)<svg.*?</svg>", html)))
    assert "▲" not in page.text
    assert "+0.000" not in page.text


def test_failures_notes_and_warnings_are_shown_whole() -> None:
    whole = comparison(failed=(FAILED,))
    whole.corpus.notes = ["Valid and test are the same text. " + 99 * "Nothing was held out. " + "The end."]
    text = Page(render(whole)).text
    assert whole.corpus.notes[0] in text
    assert FAILED.reason in text


def attacked() -> Comparison:
    """The example with a script element in every text that comes from a corpus, a model or a user."""
    whole = comparison(failed=(FAILED,))
    text = whole.model_dump_json(by_alias=True)
    for old in (
        whole.contrasts[0].verdict,
        "weird-tales", "tale_40", "tale_01", "gleed", "NOUN", "x86_64", "memory_gib",
        "9f2c9f2c", "The lamp ", " dook", "marrish", "qxzt",
        "was the stair of the dook", "nobody here", FAILED.reason, '"pos":"ADJ',
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
    assert len(hostile.scripts) == len(page.scripts) == 2
    assert ATTACK not in html
    assert hostile.text.count(ATTACK) > 20
    assert not [key for _, key, _ in hostile.attributes if key.startswith("on")]
    assert "word:unk" + ATTACK in json.dumps(hostile.data)


def test_json_in_the_page_cannot_end_its_element_and_holds_no_number_that_json_lacks() -> None:
    text = embedded_json({"a": ["</script><!--&", "\u2028", math.inf, math.nan, 1.5]})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": ["</script><!--&", "\u2028", None, None, 1.5]}


def test_nothing_is_loaded_from_the_network_and_no_page_is_turned_in_print(page: Page) -> None:
    style = (Path(explorer.__file__).with_name("templates") / "style.css").read_text("utf-8")
    assert not re.search(r"@import|url\(|landscape", style)
    assert not [pair for pair in page.attributes if pair[1] in {"src", "srcset", "action", "data", "poster"}]
    assert all(str(value).startswith("#") for _, key, value in page.attributes if key == "href")
    (policy,) = [
        str(value) for _, key, value in page.attributes if "default-src" in str(value) and key == "content"
    ]
    assert "default-src 'none'" in policy
    assert policy.count("sha256-") == 1


def test_pages_are_small_and_name_every_model_in_every_section() -> None:
    assert len(render(comparison(TWO)).encode()) < 600_000
    totals = {f"word:strategy{i}": (2.3 + i / 50, 2.31 + i / 50, 2.32 + i / 50) for i in range(8)}
    whole = comparison({"char": (2.4, 2.5, 2.6), **totals}, rows=2_000, passages=(PASSAGE, SECOND) * 5)
    html = render(whole)
    assert len(html.encode()) < 1_500_000
    assert min(Page(html).text.count(name) for name in whole.columns) > 10


def test_a_page_without_text_has_no_word_of_the_corpus_or_the_samples() -> None:
    whole = blind_comparison()
    texts = [*whole.author_passages, *(passage.text for passage in whole.passages)]
    texts += [sample.text for generated in whole.generated.values() for sample in generated.samples]
    texts += [word.left for word in whole.corpus.uncovered.examples]
    texts += [" ".join(word_class.examples) for cell in whole.done for word_class in cell.coverage.classes]
    known = {word for text in texts for word in words(text) if len(word) > 6}
    with_text, without = (set(words(render(whole, has_text=has_text))) for has_text in (True, False))
    assert len(known & with_text) > 100
    assert not known & without - set(words(render(comparison({}), has_text=False)))


def test_samples_and_passages_are_shown_whole_for_the_pair(page: Page) -> None:
    sample = comparison().generated["word:pos"].samples[0]
    assert (sample.prompt + sample.text)[:500] in page.text_in("txt")
    shares = explorer.written_cards(Results(comparison()))[0]["facts"]["invented"]
    assert shares == pytest.approx((1 - 0.67, 1 - 0.54))  # of the real words in the example
    assert page.text_in("txt").count(PASSAGE) == 2  # of the best model and the next; a script shows all others


@given(st.text(max_size=30), st.lists(st.integers(0, 35), max_size=6, unique=True))
def test_no_character_is_lost_or_doubled_by_fills_and_invented_words(text: str, places: list[int]) -> None:
    spans = list(zip(sorted(places)[::2], sorted(places)[1::2], strict=False))
    fills = [Fill(start=start, end=end, name="X") for start, end in spans]
    sample = Sample(prompt="", seed=1, temperature=1.0, text=text, fills=fills)
    invented = set(words(text)[:2])
    cut = list(explorer.stretches(sample, invented))
    assert "".join(piece for piece, _, _ in cut) == text
    assert all(piece in invented for piece, kind, _ in cut if kind == "invented")


def test_the_explorer_has_the_pair_first_and_words_with_the_bits_of_their_characters() -> None:
    whole = comparison()
    data = explorer.explorer(Results(whole))
    assert [column["name"] for column in data["columns"]] == ["word:pos", "char", "word:unk"]
    for passage, shown in zip(whole.passages, data["passages"], strict=True):
        for column, bits, events in zip(data["columns"], shown["bits"], shown["readings"], strict=True):
            paid = passage.bits[column["name"]]
            ends = [*shown["starts"][1:], len(passage.text)]
            for start, end, word_bits in zip(shown["starts"], ends, bits, strict=True):
                assert word_bits == pytest.approx(sum(paid[start:end]), abs=6e-4)
            assert sum(events["bits"]) == pytest.approx(sum(paid), abs=6e-4 * len(paid))
            assert sum(events["widths"]) == len(passage.text)
            assert events["likeliest"][0] == [0, 25, 1, 12]


def test_every_model_cuts_the_same_sentence_with_its_classes_visible() -> None:
    whole = comparison(TWO)
    cuts = {c.name: explorer.tokens(whole.passages[0], c) for c in Results(whole).columns}
    texts = {"".join(text for text, _ in cut) for cut in cuts.values()}
    assert len(texts) == 1
    assert texts.pop() in PASSAGE
    assert all(len(text) == 1 for text, _ in cuts["char"])
    assert {name for _, name in cuts["word:pos"]} == {"", "NOUN"}


@given(st.text("abcdefgh \n", min_size=300, max_size=400))
def test_a_passage_is_of_whole_words_and_never_too_long(text: str) -> None:
    piece = explorer.cut_passage(text)
    assert len(piece) <= explorer.PASSAGE_CHARACTERS
    assert piece in text
    if piece and max(map(len, text.split())) < explorer.WHITE_SPACE_WINDOW:
        assert set(piece.split()) <= set(text.split())


def test_the_blind_test_has_as_many_passages_by_the_author_as_by_the_models_but_not_too_many() -> None:
    writers = [writer for _, writer in explorer.blind(Results(blind_comparison()))]
    assert {name: writers.count(name) for name in (AUTHOR, *TWO)} == {AUTHOR: 10, "char": 5, "word:pos": 5}
    assert explorer.blind(Results(comparison(TWO))) == []


def test_two_significant_models_are_side_by_side_or_the_best_and_another_level() -> None:
    assert [column.name for column in Results(comparison(NINE)).pair] == ["word:shape", "bpe"]
    tied = comparison({"word:pos": (2.3,), "word:unk": (2.301,), "char": (2.302,)})
    assert [column.name for column in Results(tied).pair] == ["word:pos", "char"]
