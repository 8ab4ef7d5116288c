import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from tests.helpers.tokens import tokens_of
from toolkit.evaluation.metrics import Reference, counts

TEXT = "The king, sitting on the mended station, wanted nothing; THE nation waited."  # 12 words
COUNTS = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 1000), min_size=1).map(Counter)


@given(COUNTS, COUNTS)
def test_divergence_is_the_entropy_of_the_mixture_less_the_mean_entropy(a: Counter[str], b: Counter[str]) -> None:
    p, q = (np.array([by_letter[letter] for letter in "abcde"]) / by_letter.total() for by_letter in (a, b))
    expected = entropy((p + q) / 2, base=2) - entropy([p, q], base=2, axis=1).mean()
    divergence = counts.jensen_shannon_divergence(a, b)
    assert divergence == pytest.approx(expected, abs=1e-7)
    assert 0 <= divergence <= 1
    empty = Counter[str]()
    assert {counts.jensen_shannon_divergence(*pair) for pair in ((a, empty), (empty, a), (empty, empty))} == {1}


def test_letters_pairs_and_words_keep_their_case_and_accents() -> None:
    assert counts.letters(["Été 9!", "été_"]) == Counter({"t": 2, "é": 3, "É": 1})
    assert counts.letter_pairs(["Eel, 8 e"]) == Counter({("E", "e"): 1, ("e", "l"): 1})
    assert counts.word_lengths(["the sea", "o’clock"]) == Counter({3: 2, 7: 1})


def test_sentences_end_at_marks_before_white_space_and_at_empty_lines() -> None:
    text = "He came at 3.15 p.m.\n\nA title without a stop\n\n“Who?” she asked (he saw her.) Then\nnothing… ..."
    # "He came at 3.15 p.m." has 7 words, the title 5, "Who" 1, "she … saw her" 5, "Then nothing" 2; by powers of two:
    assert counts.sentence_lengths([text]) == {2: 3, 0: 1, 1: 1}
    for text, sentences in (
        ("他来了。她走了。「吃饭！」你好吗？", 4),
        ("वह आया। हम खाते हैं॥ क्या वह गया? ", 3),
        ("هل جاء؟ نعم. لا، ذهب. ", 3),
    ):
        assert counts.sentence_lengths([text]).total() == sentences
    start = time.perf_counter()  # many marks in a row take linear time
    assert counts.sentence_lengths(["." * 30_000 + "x", "He left" + "!?" * 9_000 + " So did I."]) == {0: 1, 1: 2}
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("measure", "texts", "expected"),
    [
        (counts.THE_PER_10K, [TEXT], 10_000 * 3 / 12),
        (counts.THE_PER_10K, ["the", "a b c"], 2500),
        (counts.THE_PER_10K, ["", "...!"], 0),
        (counts.ING_PER_10K, [TEXT], 10_000 * 3 / 12),  # king, sitting, nothing
        (counts.ED_PER_10K, [TEXT], 10_000 * 3 / 12),
        (counts.TION_PER_10K, [TEXT], 10_000 * 2 / 12),
        (counts.PREPOSITIONS_PRONOUNS_SHARE, [TEXT], 2 / 12),  # on, nothing
        # "McLeod" has one, "NASA" three, "(He)" one; the first letter and letters after white space do not count
        (counts.ODD_CAPITALS_PER_10K, ["Then McLeod\nOf NASA (He) said"], 10_000 * 5 / 6),
        (counts.MATTR_100, ["a b a", "c c c d"], (2 / 3 + 2 / 4) / 2),
        (counts.MATTR_100, ["a " * 101 + "b"], (1 / 100 + 1 / 100 + 2 / 100) / 3),  # three windows
        (counts.DISTINCT_3, ["a b", "c d"], 0),  # n-grams do not cross from text to text
        (counts.DISTINCT_2, ["a b", "a b", "c d"], 2 / 3),
        # 9 four-grams, 3 distinct; an n-gram that two texts share is not repeated
        (counts.REPETITION_4, ["round and again " * 4] * 2, 1 - 6 / 18),
        # the text ends in a phrase of three words that follows itself; the last word may be cut
        (counts.LOOP_RATE, ["the the the the the the."], 1),
        (counts.LOOP_RATE, ["so it went on, and on it went on, and on it went on"], 1),
        (counts.LOOP_RATE, ["it was the old man and the old man and the old man an"], 1),
        (counts.LOOP_RATE, ["very, very, very, very good", "one two three four one two three", ""], 0),
    ],
)
def test_measures_worked_out_by_hand(measure, texts, expected) -> None:
    assert measure(texts, Reference(("A text.",))) == pytest.approx(expected)


def test_a_word_has_the_tag_of_the_token_with_its_first_letter() -> None:
    text = "I can't re-enter New York"
    tags = [(0, 1, "PRON"), (2, 4, "AUX"), (4, 7, "PART"), (8, 16, "VERB"), (17, 25, "")]
    words = [(text[start:end], pos) for start, end, pos in counts.tagged_spans(text, tokens_of(text, tags))]
    assert words[:4] == [("I", "PRON"), (" can't", "AUX"), (" re", "VERB"), ("enter", "VERB")]
    assert words[4:] == [(" New", "X"), (" York", "X")]
    assert [pos for _, _, pos in counts.tagged_spans("a", tokens_of("a", []))] == ["X"]
