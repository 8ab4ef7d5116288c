"""Numbers stand where their headings name them, in tables read cell by cell and in the numbers of charts."""

import math
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.comparison_example import EXAMPLE, NINE, TWO, comparison, in_folds, made_row, swept
from toolkit.report import render, why
from toolkit.report.charts import MAX_TICKS, axis
from toolkit.report.columns import QUANTITIES, Results
from toolkit.results.bits import BANDS, DocumentBits, Share
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import SplitNames
from toolkit.results.text import signed

from .pages import Page

NUMBER = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?(?:\u202f%)?")


@pytest.fixture(scope="module")
def whole() -> Comparison:
    """Three columns of two seeds with rows made of them, and different numbers in neighbouring cells."""
    adapting = [made_row("char", 1, per_token=4.0), made_row("char", 2, per_token=16.0), made_row("word:pos", 1)]
    whole = comparison(made=[*adapting, made_row("char", 1, "ensemble")])
    for number, cell in enumerate(whole.done):
        cell.history[3].valid_bits_per_character = 1.1 + number / 100  # the best check, early
    for cell, per_token in zip(whole.by_column["char"], (4.0, 16.0), strict=True):
        cell.perplexity_per_token = per_token
        for place, document in enumerate(cell.documents):
            document.bits *= 0.96 + 0.01 * place
    del whole.by_column["char"][1].noise[1]
    return whole


@pytest.fixture(scope="module")
def page(whole: Comparison) -> Page:
    return Page(render(whole))


def test_numbers_stand_in_the_row_of_their_model_under_their_heading(page: Page) -> None:
    for title, headings in EXAMPLE["numbers"].items():
        for heading, numbers in headings.items():
            cells = page.column(title, heading)
            shown = {row: " ".join(NUMBER.findall(cells[row])).replace("\u202f", " ") for row in numbers}
            assert shown == numbers, (title, heading)
    headings = [heading.partition("|")[0] for heading in page.tables["The models"][0]]
    assert headings == ["model", *QUANTITIES, "verified"]
    assert sum(quantity.main for quantity in QUANTITIES.values()) == 4  # of six columns: also model and verified
    last = [row[0].partition("|") for row in page.tables["Bits by part of speech"][-2:]]
    assert (last[0][2], last[1][0]) == ("SYM", BANDS[-1])  # the fewest characters, and everything else


def test_models_stand_in_one_order_by_rank_and_rows_made_of_them_follow(whole: Comparison, page: Page) -> None:
    ranked = ["word:pos", "word:unk", "char"]
    made = ["word:pos (adapting)", "char (adapting)", "char (ensemble)"]
    assert [column.name for column in Results(whole).columns] == ranked
    assert list(page.column("The models", "bits per character"))[:6] == [*ranked, *made]
    for title in ("Bits by frequency", "Noise", "Resources"):
        assert list(page.column(title, page.tables[title][0][1]))[:3] == ranked
    numbers = why.ranking(Results(whole)).numbers
    assert list(dict.fromkeys(row[0] for row in numbers[1:])) == ranked
    assert {row[1] for row in numbers[1:]} == {*ranked, *made, "low", "high"}


def test_every_difference_is_in_a_table_and_every_model_has_a_colour_of_its_own() -> None:
    nine = comparison(NINE, passages=())
    assert len(set(Results(nine).colours.values())) == 9
    assert len(Page(render(nine)).tables["All differences"]) == 1 + 36
    assert Results(nine).colours["char"] == Results(comparison(TWO)).colours["char"]
    assert len(set(Results(swept("bpe", "k", dict.fromkeys(range(4), 2.0))).colours.values())) == 4
    folds = in_folds(comparison({name: NINE[name] for name in list(NINE)[:4]}, passages=()))
    rows = Page(render(folds)).tables["Differences over all folds"][1:]
    assert [row[2] for row in rows] == [signed(pair.difference) for pair in folds.contrasts]
    assert all(why.ranking(Results(folds)).svg.count(f'data-tip="fold {number}:') == 4 for number in (1, 2))


def test_a_perplexity_beyond_the_largest_float_is_infinite() -> None:
    whole = comparison({"char": (2.4,)}, passages=())
    whole.done[0].word_perplexity = sys.float_info.max
    shown = Page(render(whole)).column("The models", "perplexity per word")
    assert (shown["char"], shown["PPMd primed"]) == ("∞", "–")  # nothing to compare with


def test_a_swept_value_has_its_bits_its_interval_and_its_standing() -> None:
    sizes = {256: 2.09, 512: 2.03, 1024: 2.01, 2048: 2.04}
    whole = swept("bpe", "vocabulary_size", sizes)
    whole.done[0].history[0].valid_bits_per_character = 1.5  # its best check
    cells = [cell for cell in whole.done if not cell.column.endswith("-512")]
    shown = Page(render(whole.model_copy(update={"cells": cells})))
    rows = shown.tables["vocabulary_size of bpe"][1:]
    assert [row[0] for row in rows] == list(map(str, sizes))
    assert len({row[-1] for row in rows}) == 4
    assert rows[0][2:6] == ["2.090", "1.500", "+0.080", "[+0.046, +0.114]"]
    assert rows[1][2] == "–"


def test_a_model_stands_at_its_bits_and_its_band_is_the_interval_of_its_difference_from_the_best() -> None:
    whole = comparison({"char": (2.5, 2.52), "word:unk": (2.31, 2.33), "word:pos": (2.3, 2.31)})
    (*_, best), *others = why.ranking(Results(whole)).numbers[1:]
    for name in ("word:unk", "char"):
        contrast = whole.contrast(name, "word:pos")
        expected = [contrast.difference, contrast.low, contrast.high]
        assert [value - best for group, _, value in others if group == name] == pytest.approx(expected)


def test_a_single_document_has_a_dot_for_each_segment_of_its_interval() -> None:
    whole = comparison(TWO, facts={"split": SplitNames(train=["a"], valid=["b"], test=["c"])})
    for cell in whole.done:
        scale = 1.0 if cell.column == "char" else 0.5
        shares = [Share(characters=10, bits=scale * (i + 1)) for i in range(20)]
        cell.documents = [DocumentBits(name="c", characters=200, bits=210 * scale, units=shares)]
    results = Results(whole)
    differences = why.document_differences(results, results.by_name["char"])
    sizes = [(f"segment {i}", n) for i, n in enumerate((40, 40, 30, 30, 30, 30), 1)]
    assert [(name, n) for name, n, _ in differences] == sizes
    assert sum(characters * rate for _, characters, rate in differences) == pytest.approx(105)


def test_charts_have_rates_and_sizes_and_leave_rare_parts_of_speech_to_the_table() -> None:
    results = Results(comparison(TWO, facts={"fractions": EXAMPLE["fractions"]}))
    rates = [row[2] for row in why.bands(results).numbers[1:3]]
    assert rates == pytest.approx([2.305 * 10332.54 / 4_900] * 2, rel=0.2)
    assert [row[1] for row in why.scaling(results).numbers[1:]] == [200_000] * 4
    bars = re.findall(r'class="bar" x="([\d.]+)%" width="([\d.]+)%"', why.bill(results).svg)
    ends = [float(start) + float(width) for start, width in bars]
    assert [float(start) for start, _ in bars[1:5]] == pytest.approx(ends[:4])
    parts = [bits for column, _, bits in why.bill(results).numbers if column == "char"]
    assert sum(parts) == pytest.approx(results.by_name["char"].total)
    speech = why.speech_chart(results).numbers
    assert "nouns" in {row[0] for row in speech}
    assert "symbols" not in {row[0] for row in speech}  # 12 of 88,123 characters
    many = comparison(dict.fromkeys(NINE, (2.4,) * 3), rows=500, passages=())
    points = why.learning(Results(many)).numbers[1:]
    assert 0.8 * why.CHECKS < len(points) <= why.CHECKS
    assert points[-1][1] == 500 * 64_000  # thinned, it keeps its last point


@given(st.floats(1e-3, 1e6), st.floats(0, 1e6), st.booleans())
def test_an_axis_has_at_least_two_labelled_ticks_with_distinct_labels(
    low: float, length: float, log: bool
) -> None:
    x = axis([low, low + length + low * log], "", log=log)
    labels = [label for _, label in x.ticks]
    assert (
        2 <= len(labels) <= max(2 * MAX_TICKS, math.log10(x.high / x.low) + 2 if log else 0)
        or length < 1e-3 * low
    )
    assert len(set(labels)) == len(labels) or length < 1e-3 * low
    assert 0 <= x.place(low) < x.place(x.high) <= 100


def test_zero_is_written_without_a_unit_or_a_sign() -> None:
    assert axis([0, 400_000], "").ticks[0][1] == "0"
    assert [label for _, label in axis([-0.1, 0.1], "", signed=True).ticks] == [
        "−0.10",
        "−0.05",
        "same",
        "+0.05",
        "+0.10",
    ]
