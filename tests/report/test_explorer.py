"""Units keep every character and every bit; the blind test has passages of both, and the interval of every score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.report import explorer
from toolkit.report.columns import Results
from toolkit.report.explorer import cut_passage, units
from toolkit.results.bits import AUTHOR, Passage
from toolkit.results.comparison import Comparison

from .comparison_example import NINE, PASSAGE, comparison, passage_bits, starts

TEXT = " ".join(f"word{i}" for i in range(400))
TWO = {"char": (2.5,), "word:pos": (2.3,)}


def blind_comparison() -> Comparison:
    """A comparison with texts that are long enough for the blind test."""
    whole = comparison(TWO)
    whole.author_passages = [TEXT.replace("word", f"told{i}") for i in range(10)]
    for column, generated in whole.generated.items():
        sample = generated.samples[0].model_copy(update={"fills": []})
        texts = [TEXT.replace("word", f"{column[:4]}{i}") for i in range(5)]
        generated.samples = [sample.model_copy(update={"text": text}) for text in texts]
    return whole


@pytest.mark.parametrize("column", ["char", "word:pos"])
def test_units_join_to_the_text_and_their_bits_to_the_sum(column: str) -> None:
    bits = passage_bits(PASSAGE, column)
    cut = units(Passage.model_construct(text=PASSAGE, bits={column: bits}, starts=starts(PASSAGE)), column)
    assert "".join(text for text, _ in cut) == PASSAGE
    assert sum(bits for _, bits in cut) == pytest.approx(sum(bits))
    assert " Quillane" in [text for text, _ in cut]


def test_columns_come_best_first_without_those_that_have_not_read_every_passage() -> None:
    whole = comparison(NINE)
    results = Results(whole)
    del whole.passages[0].readings["char"]
    facts = explorer.passages(results)
    assert [column for column, _ in facts["lanes"]] == results.ranked[:2]
    names = [column.name for column in results.ranked if column.name != "char"]
    assert [column["name"] for column in facts["data"]["explorer"]["columns"]] == names


def test_the_data_of_the_script_add_up_to_the_passages_bits() -> None:
    whole = comparison()
    data = explorer.passages(Results(whole))["data"]["explorer"]
    for passage, shown in zip(whole.passages, data["passages"], strict=True):
        for column, bits, events in zip(data["columns"], shown["bits"], shown["readings"], strict=True):
            total = sum(passage.bits[column["name"]])
            assert sum(bits) == pytest.approx(total, abs=0.01 * len(bits))
            assert sum(events["bits"]) == pytest.approx(total, abs=0.02 * len(bits))
            assert sum(events["widths"]) == len(passage.text)
            assert events["likeliest"][0] == [0, 25, 1, 12]


@given(st.text("ab \n", max_size=700))
def test_a_passage_is_of_whole_words_and_never_too_long(text):
    piece = cut_passage(text)
    assert len(piece) <= explorer.PASSAGE_CHARACTERS
    assert piece in text
    if piece and max(map(len, text.split())) < explorer.WHITE_SPACE_WINDOW:
        assert set(piece.split()) <= set(text.split())


@pytest.mark.parametrize("begins", ["", "月光海港\n", "第一章 月光", "一" * 400 + "\n"])
def test_text_with_little_white_space_has_passages_of_the_same_length(begins):
    """Chinese has white space between paragraphs, and some texts have none at all."""
    piece = cut_passage(begins + "".join(map(chr, range(0x4E00, 0x5200))))
    assert len(piece) >= explorer.PASSAGE_CHARACTERS - explorer.WHITE_SPACE_WINDOW


def test_the_blind_test_has_as_many_passages_by_the_author_as_by_the_models_but_not_too_many():
    data = explorer.blind(Results(blind_comparison()))["data"]["blind"]
    writers = [writer for _, writer in data["passages"]]
    assert {name: writers.count(name) for name in (AUTHOR, *TWO)} == {AUTHOR: 10, "char": 5, "word:pos": 5}
    assert explorer.blind(Results(comparison(TWO))) is None
