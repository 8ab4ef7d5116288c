import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from toolkit.evaluation.metrics import distributions

COUNTS = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 1000), min_size=1).map(Counter)


@given(COUNTS, COUNTS)
def test_divergence_is_the_square_of_scipys_distance(a: Counter[str], b: Counter[str]) -> None:
    outcomes = sorted(a | b)
    p, q = ([counts[outcome] for outcome in outcomes] for counts in (a, b))
    with np.errstate(invalid="ignore"):
        squared = float(np.nan_to_num(jensenshannon(p, q, base=2))) ** 2
    ours = distributions.jensen_shannon_divergence(a, b)
    assert ours == pytest.approx(squared, abs=1e-7)
    assert ours == pytest.approx(distributions.jensen_shannon_divergence(b, a))
    assert 0 <= ours <= 1


def test_proportional_counts_have_no_divergence() -> None:
    assert distributions.jensen_shannon_divergence(Counter("abb"), Counter("abb" * 7)) == pytest.approx(0, abs=1e-15)


def test_a_text_without_outcomes_has_nothing_in_common() -> None:
    assert distributions.jensen_shannon_divergence(Counter(), Counter("a")) == 1.0
    assert distributions.jensen_shannon_divergence(Counter(), Counter()) == 1.0


def test_letters_keep_their_case_and_their_accents() -> None:
    assert distributions.letters(["Été 9!", "été_"]) == Counter({"t": 2, "é": 3, "É": 1})


def test_word_lengths_do_not_count_the_space() -> None:
    assert distributions.word_lengths(["the sea", "o’clock"]) == Counter({3: 2, 7: 1})


def test_sentences_end_at_marks_before_white_space_and_at_empty_lines() -> None:
    text = "He came at 3.15 p.m.\n\nA title without a stop\n\n“Who?” she asked (he saw her.) Then\nnothing…"
    # "He came at 3.15 p.m." he came at 3 15 p m: 7; the title 5; Who 1; she asked he saw her 5; Then nothing 2
    assert distributions.sentence_lengths([text]) == {2: 3, 0: 1, 1: 1}


def test_sentences_end_at_the_marks_of_other_scripts_which_in_chinese_need_no_white_space() -> None:
    texts = {  # how many sentences; how long they are depends on who cuts the words
        "他来了。她走了。「吃饭！」你好吗？": 4,
        "彼は来た。「彼女は行った？！」海は静かだった。": 3,
        "वह आया। हम खाते हैं॥ क्या वह गया? ": 3,
        "هل جاء؟ نعم. لا، ذهب. ": 3,
        "وہ آیا۔ وہ گیا۔ ": 2,
    }
    assert {text: distributions.sentence_lengths([text]).total() for text in texts} == texts


def test_the_time_for_marks_that_follow_each_other_is_that_of_their_length() -> None:
    start = time.perf_counter()
    assert distributions.sentence_lengths(["." * 30_000 + "x", "He left" + "!?" * 9_000 + " So did I."]) == {
        0: 1,
        1: 2,
    }
    assert time.perf_counter() - start < 1
