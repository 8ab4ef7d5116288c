import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from toolkit.evaluation.metrics import counts

TEXT = "The king, sitting on the mended station, wanted nothing; THE nation waited."  # 12 words
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


def test_divergence_of_equal_disjoint_and_empty_counts() -> None:
    assert counts.jensen_shannon_divergence(Counter("abb"), Counter("abb" * 7)) == pytest.approx(0, abs=1e-15)
    assert counts.jensen_shannon_divergence(Counter("a"), Counter("b")) == 1.0
    assert counts.jensen_shannon_divergence(Counter(), Counter("a")) == 1.0
    assert counts.jensen_shannon_divergence(Counter(), Counter()) == 1.0
    assert counts.jensen_shannon_divergence(*map(counts.letter_pairs, (["the sea"], ["eth aes"]))) > 0.4


def test_letters_and_pairs_keep_their_case_and_accents() -> None:
    assert counts.letters(["Été 9!", "été_"]) == Counter({"t": 2, "é": 3, "É": 1})
    assert counts.letter_pairs(["Eel, 8 e"]) == Counter({("E", "e"): 1, ("e", "l"): 1})
    assert counts.word_lengths(["the sea", "o’clock"]) == Counter({3: 2, 7: 1})


def test_sentences_end_at_marks_before_white_space_and_at_empty_lines() -> None:
    text = "He came at 3.15 p.m.\n\nA title without a stop\n\n“Who?” she asked (he saw her.) Then\nnothing… ..."
    # "He came at 3.15 p.m." has 7 words, the title 5, "Who" 1, "she … saw her" 5, "Then nothing" 2; by powers of two:
    assert counts.sentence_lengths([text]) == {2: 3, 0: 1, 1: 1}


def test_sentences_end_at_the_marks_of_other_scripts() -> None:
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


def test_english_words_are_counted_in_lower_case_over_all_texts() -> None:
    assert counts.the_per_10k([TEXT]) == pytest.approx(10_000 * 3 / 12)
    assert counts.ending_per_10k([TEXT], "ing") == pytest.approx(10_000 * 3 / 12)  # king, sitting, nothing
    assert counts.ending_per_10k([TEXT], "tion") == pytest.approx(10_000 * 2 / 12)
    assert counts.prepositions_pronouns_share([TEXT]) == pytest.approx(2 / 12)  # on, nothing
    assert counts.the_per_10k(["the", "a b c"]) == pytest.approx(2500)
    assert counts.the_per_10k(["", "...!"]) == counts.prepositions_pronouns_share([]) == 0.0


def test_capitals_count_if_they_do_not_follow_white_space() -> None:
    # "McLeod" has one, "NASA" three, "(He)" one; the first letter and letters after a space or line end do not count
    assert counts.odd_capitals_per_10k(["Then McLeod\nOf NASA (He) said"]) == pytest.approx(10_000 * 5 / 6)


@given(WORDS, st.integers(1, 4))
def test_repetition_of_one_text_is_its_lack_of_distinct_ngrams(text: str, n: int) -> None:
    assert counts.repetition([text], n) == pytest.approx(1 - counts.distinct([text], n))


def test_ngrams_do_not_cross_from_text_to_text() -> None:
    assert counts.distinct(["a b", "c d"], 3) == 0.0
    assert counts.distinct(["a b", "a b", "c d"], 2) == pytest.approx(2 / 3)
    assert counts.repetition(["a b", "a b"], 2) == 0.0
    assert counts.repetition(["a b a b", "a b"], 2) == 0.25
    assert counts.repetition(["round and again " * 4], 4) == pytest.approx(1 - 3 / 9)  # 9 four-grams, 3 distinct


def test_the_moving_average_is_the_mean_over_all_windows() -> None:
    words = [f"w{i}" for i in np.random.default_rng(3).integers(0, 40, 350)]
    shares = [len(set(words[i : i + 100])) / 100 for i in range(251)]
    assert counts.mattr(" ".join(words)) == pytest.approx(np.mean(shares))
    assert counts.MATTR_100(["a b a", "c c c d"], None) == pytest.approx((2 / 3 + 2 / 4) / 2)


def test_a_loop_is_a_phrase_of_three_words_that_follows_itself_at_the_end() -> None:
    loops = [
        "the the the the the the.",
        "so it went on, and on it went on, and on it went on",
        "and so to sea, and so to sea.",
    ]
    loops += ["it was the old man and the old man and the old man an"]  # the last word may be cut
    others = ["very, very, very good", "one two three four one two three", ""]
    assert [counts.ends_in_loop(text) for text in (*loops, *others)] == [True] * 4 + [False] * 3
