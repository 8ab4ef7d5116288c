from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.metrics.parts_of_speech import by_part_of_speech, labels, tagged_spans
from toolkit.text import neutral
from toolkit.text.tagged import Tagged
from toolkit.text.tagging import Tagger


def token(start: int, end: int, pos: str) -> Tagged:
    return Tagged(start, end, "", pos, "")


def test_a_word_has_the_tag_of_the_token_that_holds_its_first_letter() -> None:
    text = "I can't re-enter New York"
    tagged = [
        token(0, 1, "PRON"), token(2, 4, "AUX"), token(4, 7, "PART"), token(8, 16, "VERB"), token(17, 25, "PROPN"),
    ]  # fmt: skip
    spans = [(text[start:end], pos) for start, end, pos in tagged_spans(text, tagged)]
    assert spans == [
        ("I", "PRON"), (" can't", "AUX"), (" re", "VERB"), ("enter", "VERB"), (" New", "PROPN"), (" York", "PROPN"),
    ]  # fmt: skip


def test_a_word_outside_all_tokens_or_without_a_tag_is_of_no_known_part() -> None:
    tagged = [token(0, 1, "DET"), token(2, 5, "")]
    assert [pos for _, _, pos in tagged_spans("a bee c", tagged)] == ["DET", "X", "X"]
    assert [pos for _, _, pos in tagged_spans("a", [])] == ["X"]


def test_bits_of_two_texts_by_part_of_speech() -> None:
    # "a bee!": a 1, " bee" 2+3+4+5, "!" 6; "bee": 1+1+1; the ends 0.5 and 0.25
    parts = labels(["a bee!", "bee"], [[token(0, 1, "DET"), token(2, 5, "NOUN")], [token(0, 3, "NOUN")]])
    ledger = by_part_of_speech([(np.arange(1.0, 7.0), 0.5), (np.ones(3), 0.25)], parts)
    assert [(part.pos, part.characters, part.bits) for part in ledger] == [
        ("DET", 1, 1.0), ("NOUN", 7, 17.0), ("not a word", 1, 6.75),
    ]  # fmt: skip


@given(st.text(alphabet="aB7_ é'’.-\n", max_size=60), st.lists(st.integers(0, 60), max_size=9))
def test_the_same_characters_are_words_whatever_the_tokens(text: str, cuts: list[int]) -> None:
    places = sorted({min(cut, len(text)) for cut in cuts})
    tagged = [token(start, end, "NOUN") for start, end in pairwise(places)]
    tags = labels([text], [tagged])
    words = tags.by_text[0] != len(tags.names) - 1
    assert words.tolist() == (neutral.bands_of(text, {}) != neutral.NOT_A_WORD).tolist()


def test_the_tagger_knows_a_noun() -> None:
    text = "The keeper climbed the stair."
    spans = {text[start:end].strip(): pos for start, end, pos in tagged_spans(text, Tagger().tag(text))}
    assert spans["keeper"] == "NOUN"
    assert spans["climbed"] == "VERB"


def test_texts_and_tokens_must_agree_in_number() -> None:
    with pytest.raises(ValueError, match="zip"):
        labels(["a"], [])
