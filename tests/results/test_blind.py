"""The blind test: its passages, and the intervals of a reader's score."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from toolkit.report.sections.blind import SECTION
from toolkit.results.blind import AUTHOR, EACH, LENGTH, MOST, NEAR, SKIPPED, cut, hidden, passages_of

from tests.report.comparison_example import comparison
from toolkit.report.columns import Results

TEXT = " ".join(f"word{i}" for i in range(400))
TWO = {"char": (2.5,), "word:pos": (2.3,)}


def blind():
    """A comparison with texts that are long enough."""
    whole = comparison(TWO)
    whole.author_passages = passages_of([TEXT.replace("word", "told")], MOST)
    for cell in whole.cells:
        for sample in cell.generated.samples:
            sample.text, sample.fills, sample.spelled = TEXT.replace("word", cell.column[:4]), [], None
            sample.marks = []
    return whole


@given(st.text("ab \n", max_size=700), st.integers(0, 800))
@example("aa", 1)
def test_a_passage_is_of_whole_words_and_never_too_long(text, start):
    piece = cut(text, start)
    assert len(piece) <= LENGTH
    assert piece in text
    if piece and max(map(len, text.split())) < NEAR:
        assert set(piece.split()) <= set(text.split())


def test_passages_are_spread_over_the_texts_and_skip_beginnings():
    pieces = passages_of([TEXT, TEXT.replace("word", "other")], 6)
    assert [piece.startswith("word") for piece in pieces] == [True] * 3 + [False] * 3
    assert all(TEXT.find(piece) >= SKIPPED for piece in pieces[:3])
    assert passages_of(["too short", ""], 6) == []
    assert passages_of([], 6) == []


@pytest.mark.parametrize("begins", ["", "月光海港\n", "第一章 月光", "一" * 400 + "\n"])
def test_text_with_little_white_space_has_passages_of_the_same_length(begins):
    """Chinese has white space between paragraphs, and some texts have none at all."""
    text = begins + "".join(map(chr, range(0x4E00, 0x5200)))
    pieces = [cut(text, place) for place in (0, SKIPPED, 300, len(text) - LENGTH - 1)]
    assert min(map(len, pieces)) >= LENGTH - 2 * NEAR
    assert len(passages_of([text], 3)) == 3


def test_the_author_has_as_many_passages_as_the_models_together_but_not_too_many():
    passages = hidden(blind())
    by_writer = {name: sum(p.writer == name for p in passages) for name in (AUTHOR, *TWO)}
    assert by_writer == {AUTHOR: MOST, "char": EACH, "word:pos": EACH}
    assert hidden(comparison(TWO)) == []


def test_the_page_names_its_passages_and_has_the_interval_of_every_share():
    whole, other = blind(), blind()
    other.author_passages = other.author_passages[1:]
    one, two = (SECTION.data(Results.of(of))["blind"] for of in (whole, other))
    assert one["test"] == SECTION.data(Results.of(blind()))["blind"]["test"] != two["test"]
    assert {n: len(of) for n, of in one["intervals"].items()} == {EACH: EACH + 1, MOST: MOST + 1}
    found = [one["intervals"][number][count] for number, count in ((EACH, 0), (EACH, EACH), (MOST, 3), (MOST, MOST))]
    tabled = [(0, 52), (48, 100), (7, 65), (69, 100)]  # Clopper & Pearson (1934)
    assert found == [f"{low}\u202f% to {high}\u202f%" for low, high in tabled]
