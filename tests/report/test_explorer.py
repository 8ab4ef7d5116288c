"""Units keep every character and every bit, and what the page's script reads is what comparison.json has."""

import pytest

from toolkit.report.columns import Results
from toolkit.report.explorer import EDGES, Unit, explored, lanes, title, units, word_at
from toolkit.results.words import Passage

from .comparison_example import NINE, PASSAGE, comparison, passage_bits, reading, starts


@pytest.mark.parametrize("column", ["char", "word:pos"])
def test_units_join_to_the_text_and_their_bits_to_the_sum(column: str) -> None:
    bits = passage_bits(PASSAGE, column)
    cut = units(Passage.model_construct(text=PASSAGE, bits={column: bits}, starts=starts(PASSAGE)), column)
    assert "".join(unit.text for unit in cut) == PASSAGE
    assert sum(unit.bits for unit in cut) == pytest.approx(sum(bits))
    assert " Quillane" in [unit.text for unit in cut]


def test_the_shade_rises_with_the_bits() -> None:
    shades = [int(Unit("x", bits).classes[1:]) for bits in [-1, *EDGES, 99]]
    assert shades == [*range(len(EDGES) + 1), len(EDGES)]


def test_a_column_whose_bits_do_not_fit_the_text_is_left_out() -> None:
    whole = comparison()
    whole.passages[0].bits["char"] = whole.passages[0].bits["char"][:-1]
    data = explored(Results.of(whole))
    assert data is not None
    assert {column["name"] for column in data["columns"]} == {"word:unk", "word:pos"}


def test_the_best_column_and_the_next_come_first() -> None:
    whole = comparison(NINE)
    means = Results.of(whole).ranked
    assert [lane.column.name for lane in lanes(Results.of(whole))] == [c.name for c in means[:2]]
    data = explored(Results.of(whole))
    assert data is not None
    assert [column["name"] for column in data["columns"]] == [column.name for column in means]


def test_what_the_script_reads_adds_up_to_the_passages_bits() -> None:
    whole = comparison()
    data = explored(Results.of(whole))
    assert data is not None
    for passage, shown in zip(whole.passages, data["passages"], strict=True):
        for column, bits, shown_reading in zip(data["columns"], shown["bits"], shown["readings"], strict=True):
            assert sum(bits) == pytest.approx(sum(passage.bits[column["name"]]), abs=0.01 * len(bits))
            paid = sum(sum(amounts[1::2]) for amounts in shown_reading["paid"])
            assert paid == pytest.approx(sum(passage.bits[column["name"]]), abs=0.02 * len(shown_reading["paid"]))
            assert sum(shown_reading["widths"]) == len(passage.text)
            assert shown_reading["likeliest"][0] == [0, 25, 1, 12]
    assert [passage["title"] for passage in data["passages"]] == [
        "the middle of tale_40",
        "word:pos most ahead of word:unk",
    ]


def test_why_a_passage_is_shown_is_said_of_the_columns_that_it_was_chosen_by() -> None:
    whole = comparison()
    said = {
        why: title(whole.passages[0].model_copy(update={"why": why, "about": "quincunx"}))
        for why in ("middle", "ahead", "behind", "worst", "best", "word", "document")
    }
    assert said == {
        "middle": "the middle of tale_40", "ahead": "word:pos most ahead of word:unk",
        "behind": "word:pos most behind word:unk", "worst": "hardest for word:pos", "best": "easiest for word:pos",
        "word": "“quincunx”", "document": "quincunx",
    }  # fmt: skip


def test_a_passage_about_a_word_opens_at_it_and_says_who_pays_less() -> None:
    """By hand: the second “owl” is where they differ most, and b pays less for it."""
    bits = {"a": [1.0] * 15, "b": [1.0] * 11 + [0.25] * 4}
    passage = Passage(
        document="d", start=0, text="an owl, the owl", bits=bits, why="word", about="owl", best="a", other="b",
        starts=[0, 2, 6, 7, 11], readings={name: reading("an owl, the owl", name) for name in bits},
    )  # fmt: skip
    whole = comparison({"a": (2.0,), "b": (2.1,)}).model_copy(update={"passages": [passage]})
    assert word_at(passage) == 4
    assert title(passage) == "“owl”: b pays less"
    data = explored(Results.of(whole))
    assert data is not None
    assert data["passages"][0]["at"] == 4
