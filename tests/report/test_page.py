"""The page against its promises: complete, escaped, offline, small, and faithful to the characters of all texts."""

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.report import explorer, render
from toolkit.report.columns import Results
from toolkit.report.explorer import blind, cut_passage, passages, stretches
from toolkit.report.page import SECTIONS, embedded_json, vega_script
from toolkit.results.bits import AUTHOR
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Fill, Sample

from .comparison_example import DEFAULT, FAILED, PASSAGE, SECOND, TWO, blind_comparison, comparison
from .pages import ATTACK, Page


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(comparison(failed=(FAILED,))))


@pytest.mark.parametrize(
    ("totals", "failed", "absent"),
    [
        (DEFAULT, (FAILED,), ()),
        ({"char": (2.43,)}, (), ("documents",)),
        ({}, (FAILED,), ("documents", "samples")),
    ],
)
def test_every_section_with_a_subject_and_every_chart_has_its_place(totals, failed, absent) -> None:
    page = Page(render(comparison(totals, failed=failed)))
    expected = [name for name in SECTIONS if name not in ("folds", "sweep", "scaling", "blind", *absent)]
    links = [value for tag, key, value in page.attributes if (tag, key) == ("a", "href")]
    assert [name for name in page.ids if name in SECTIONS] == expected
    assert links[: len(expected)] == [f"#{name}" for name in expected]
    assert len(page.ids) == len(set(page.ids))
    assert (FAILED.reason in page.text) == bool(failed)
    places = {name.removeprefix("chart-") for name in page.ids if name.startswith("chart-")}
    assert places == set(page.data["charts"])


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
    assert len(hostile.scripts) == len(page.scripts) == 3
    assert ATTACK not in html
    assert hostile.text.count(ATTACK) > 20
    assert not [key for _, key, _ in hostile.attributes if key.startswith("on")]
    assert "word:unk" + ATTACK in json.dumps(hostile.data)


def test_json_in_the_page_cannot_end_its_element_and_holds_no_number_that_json_lacks() -> None:
    text = embedded_json({"a": ["</script><!--&", "\u2028", math.inf, math.nan, 1.5]})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": ["</script><!--&", "\u2028", None, None, 1.5]}


def test_nothing_is_loaded_from_the_network(page: Page) -> None:
    style = Path(explorer.__file__).with_name("templates") / "style.css"
    assert not re.search(r"""@import|url\(""", style.read_text("utf-8"))
    assert not [pair for pair in page.attributes if pair[1] in {"src", "srcset", "action", "data", "poster"}]
    assert all(str(value).startswith("#") for _, key, value in page.attributes if key == "href")
    (policy,) = [
        str(value) for _, key, value in page.attributes if "default-src" in str(value) and key == "content"
    ]
    assert "default-src 'none'" in policy
    assert policy.count("sha256-") == 2
    assert not re.search("</script|<!--|\r", vega_script().lower())


def test_nine_columns_with_three_seeds_are_in_every_section_of_less_than_two_megabytes() -> None:
    totals = {f"word:strategy{i}": (2.3 + i / 50, 2.31 + i / 50, 2.32 + i / 50) for i in range(8)}
    whole = comparison({"char": (2.4, 2.5, 2.6), **totals}, rows=2_000, passages=(PASSAGE, SECOND) * 5)
    html = render(whole)
    assert len(html.encode()) < 1_800_000
    assert min(Page(html).text.count(name) for name in whole.columns) > 10


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


def test_the_explorer_has_the_best_column_first_and_words_with_the_bits_of_their_characters() -> None:
    whole = comparison()
    data = passages(Results(whole))["data"]["explorer"]
    assert [column["name"] for column in data["columns"]] == ["word:pos", "word:unk", "char"]
    for passage, shown in zip(whole.passages, data["passages"], strict=True):
        for column, bits, events in zip(data["columns"], shown["bits"], shown["readings"], strict=True):
            paid = passage.bits[column["name"]]
            ends = [*shown["starts"][1:], len(passage.text)]
            for start, end, word_bits in zip(shown["starts"], ends, bits, strict=True):
                assert word_bits == pytest.approx(sum(paid[start:end]), abs=6e-4)
            assert sum(events["bits"]) == pytest.approx(sum(paid), abs=6e-4 * len(paid))
            assert sum(events["widths"]) == len(passage.text)
            assert events["likeliest"][0] == [0, 25, 1, 12]


@given(st.text("abcdefgh \n", min_size=300, max_size=400))
def test_a_passage_is_of_whole_words_and_never_too_long(text: str) -> None:
    piece = cut_passage(text)
    assert len(piece) <= explorer.PASSAGE_CHARACTERS
    assert piece in text
    if piece and max(map(len, text.split())) < explorer.WHITE_SPACE_WINDOW:
        assert set(piece.split()) <= set(text.split())


def test_the_blind_test_has_as_many_passages_by_the_author_as_by_the_models_but_not_too_many() -> None:
    writers = [writer for _, writer in blind(Results(blind_comparison()))["data"]["blind"]["passages"]]
    assert {name: writers.count(name) for name in (AUTHOR, *TWO)} == {AUTHOR: 10, "char": 5, "word:pos": 5}
    assert blind(Results(comparison(TWO))) is None
