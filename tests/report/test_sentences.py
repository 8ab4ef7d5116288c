"""Sentences that were wrong, or said more than the numbers do: each test fails on the old one."""

import re

import pytest
from toolkit.report.alerts import alerts, overfitting
from toolkit.report.sections.documents import differences

from toolkit.report import render
from toolkit.report.columns import Results, columns
from toolkit.results.bits import DocumentBits, Share
from toolkit.results.corpus import SplitNames

from .comparison_example import FAILED, comparison
from .test_page import Page

TWO = {"char": (2.5, 2.52), "word:pos": (2.3, 2.31)}


def said(whole) -> str:
    """The page's words; narrow spaces are plain ones."""
    return Page(render(whole)).text.replace("\u202f", " ")


def test_a_column_that_overfits_says_since_when():
    whole = comparison(TWO)
    history = whole.cells[0].history
    assert overfitting(columns(whole)[0]) is None
    for row in history[len(history) // 2 :]:
        row.valid_bits_per_character = history[len(history) // 2 - 1].valid_bits_per_character + 0.3
    found = overfitting(columns(whole)[0])
    assert re.fullmatch("char overfits after (49|50).% of its training", found.short)
    assert f"after {history[len(history) // 2 - 1].updates:,} of {history[-1].updates:,} updates" in found.whole
    assert found in alerts(Results.of(whole))


def test_alerts_begin_with_what_failed():
    whole = comparison(TWO, failed=(FAILED,), facts={"notes": ["Valid and test are the same text."]})
    first, *_ = alerts(Results.of(whole))
    assert first.failure
    assert FAILED.reason in first.whole


def test_a_single_document_has_a_dot_for_each_segment_that_its_interval_is_over():
    whole = comparison(TWO, facts={"split": SplitNames(train=["a"], valid=["b"], test=["c"])})
    for cell in whole.done:
        of_cell = 1.0 if cell.column == "char" else 0.5
        shares = [Share(characters=10, bits=of_cell * (i + 1)) for i in range(20)]
        cell.documents = [DocumentBits(name="c", characters=200, bits=210 * of_cell, units=shares)]
    char, pos = columns(whole)
    found = differences(pos, char, "held-out segment")
    assert [(name, characters) for name, characters, _ in found] == [
        ("segment 1", 40), ("segment 2", 40), ("segment 3", 30), ("segment 4", 30), ("segment 5", 30), ("segment 6", 30)
    ]  # fmt: skip
    assert found[0][2] == pytest.approx(0.5 * (1 + 2 + 3 + 4) / 40)
    assert sum(characters * rate for _, characters, rate in found) == pytest.approx(105)
    text = said(whole)
    assert "In each held-out segment" in text
    assert "intervals over held-out segments and seeds" in text
    assert re.search(r"[+−]\d\.\d+ in segment \d", text)


def test_seeds_whose_taggers_differ_are_added_up_by_the_name_of_a_part_of_speech():
    whole = comparison(TWO)
    first, second = whole.by_column["char"]
    kept = [of for of in first.by_part_of_speech if of.bits]
    first.by_part_of_speech = kept
    second.by_part_of_speech = kept[:0:-1]  # another order, and without the first
    (char, *_) = columns(whole)
    assert char.part_of_speech(0) == (kept[0].characters, pytest.approx(kept[0].bits / 2))
    assert char.part_of_speech(1) == (kept[1].characters, pytest.approx(kept[1].bits))
    render(whole)
