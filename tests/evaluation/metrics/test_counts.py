import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from toolkit.evaluation.metrics import Reference, counts
from toolkit.text.tagged import Tagged

TEXT = "The king, sitting on the mended station, wanted nothing; THE nation waited."  # 12 words
REFERENCE = Reference(("A text.",))
COUNTS = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 1000), min_size=1).map(Counter)
WORDS = st.lists(st.sampled_from(["to", "be", "or", "not"]), min_size=4, max_size=15).map(" ".join)


@given(COUNTS, COUNTS)
def test_divergence_is_the_square_of_scipys_distance(a: Counter[str], b: Counter[str]) -> None:
    p, q = ([counts_[outcome] for outcome in sorted(a | b)] for counts_ in (a, b))
    with np.errstate(invalid="ignore"):
        squared = float(np.nan_to_num(jensenshannon(p, q, base=2))) ** 2
    divergence = counts.jensen_shannon_divergence(a, b)
    assert divergence == pytest.approx(squared, abs=1e-7)
    assert divergence == pytest.approx(counts.jensen_shannon_divergence(b, a))
    assert 0 <= divergence <= 1


@pytest.mark.parametrize(("a", "b", "expected"), [("abb", "abb" * 7, 0), ("a", "b", 1), ("", "a", 1), ("", "", 1)])
def test_divergence_of_equal_disjoint_and_empty_counts(a: str, b: str, expected: float) -> None:
    assert counts.jensen_shannon_divergence(Counter(a), Counter(b)) == pytest.approx(expected, abs=1e-15)


def test_letters_and_pairs_keep_their_case_and_accents() -> None:
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


def test_many_marks_in_a_row_take_linear_time() -> None:
    start = time.perf_counter()
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
        (counts.DISTINCT_3, ["a b", "c d"], 0),  # n-grams do not cross from text to text
        (counts.DISTINCT_2, ["a b", "a b", "c d"], 2 / 3),
        (counts.REPETITION_4, ["round and again " * 4], 1 - 3 / 9),  # 9 four-grams, 3 distinct
    ],
)
def test_measures_worked_out_by_hand(measure, texts, expected) -> None:
    assert measure(texts, REFERENCE) == pytest.approx(expected)


@given(WORDS, st.integers(1, 4))
def test_repetition_of_one_text_is_its_lack_of_distinct_ngrams(text: str, n: int) -> None:
    assert counts.repetition([text], n) == pytest.approx(1 - counts.distinct([text], n))
    assert counts.repetition([text, text], n) == pytest.approx(counts.repetition([text], n))


def test_the_moving_average_is_the_mean_over_all_windows() -> None:
    words = [f"w{i}" for i in np.random.default_rng(3).integers(0, 40, 350)]
    shares = [len(set(words[i : i + 100])) / 100 for i in range(251)]
    assert counts.mattr(" ".join(words)) == pytest.approx(np.mean(shares))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the the the the the the.", True),
        ("so it went on, and on it went on, and on it went on", True),
        ("it was the old man and the old man and the old man an", True),  # the last word may be cut
        ("very, very, very good", False),
        ("one two three four one two three", False),
        ("", False),
    ],
)
def test_a_loop_is_a_phrase_of_three_words_that_follows_itself_at_the_end(text: str, expected: bool) -> None:
    assert counts.ends_in_loop(text) == expected


def test_a_word_has_the_tag_of_the_token_with_its_first_letter() -> None:
    text = "I can't re-enter New York"
    tags = [(0, 1, "PRON"), (2, 4, "AUX"), (4, 7, "PART"), (8, 16, "VERB"), (17, 25, "")]
    tagged = [Tagged(start, end, "", pos, "") for start, end, pos in tags]
    assert [(text[start:end], pos) for start, end, pos in counts.tagged_spans(text, tagged)] == [
        ("I", "PRON"), (" can't", "AUX"), (" re", "VERB"), ("enter", "VERB"), (" New", "X"), (" York", "X"),
    ]  # fmt: skip
    assert [pos for _, _, pos in counts.tagged_spans("a", [])] == ["X"]
