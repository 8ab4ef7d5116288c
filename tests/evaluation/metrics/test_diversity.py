import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.metrics import diversity

TEXTS = st.lists(st.lists(st.sampled_from(["to", "be", "or", "not"]), max_size=15).map(" ".join), max_size=5)


@given(TEXTS, st.integers(1, 4))
def test_shares_stay_within_their_range(texts: list[str], n: int) -> None:
    assert 0 <= diversity.distinct(texts, n) <= 1
    assert 0 <= diversity.repetition(texts, n) < 1


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=30).map(" ".join), st.integers(1, 4))
def test_for_one_text_both_say_the_same(text: str, n: int) -> None:
    assert diversity.repetition([text], n) == pytest.approx(1 - diversity.distinct([text], n))


def test_ngrams_do_not_cross_from_text_to_text() -> None:
    assert diversity.distinct(["a b", "c d"], 3) == 0.0
    assert diversity.distinct(["a b", "a b", "c d"], 2) == pytest.approx(2 / 3)
    assert diversity.repetition(["a b", "a b"], 2) == 0.0  # each text says it once


def test_a_loop_is_repetition() -> None:
    # 12 words: 9 four-grams, 3 of them different
    assert diversity.repetition(["round and again " * 4], 4) == pytest.approx(1 - 3 / 9)


def test_the_moving_average_is_that_of_every_window():
    rng = np.random.default_rng(3)
    words = [f"w{i}" for i in rng.integers(0, 40, 350)]
    shares = [len(set(words[i : i + 100])) / 100 for i in range(251)]
    assert diversity.mattr(words) == pytest.approx(np.mean(shares))


def test_of_several_texts_the_moving_average_is_the_mean() -> None:
    both, first, second = (diversity.MATTR(of, None) for of in (["a b a", "c c c d"], ["a b a"], ["c c c d"]))
    assert both == pytest.approx((first + second) / 2)


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("the the the the the the.", True),  # also a phrase of three words, twice
        ("so it went on, and on it went on, and on it went on", True),
        ("and so to sea, and so to sea.", True),
        ("very, very, very good", False),
        ("one two three four one two three", False),
        ("", False),
    ],
)
def test_a_loop_is_a_phrase_of_three_words_that_follows_itself_at_the_end(text, loops):
    assert diversity.ends_in_loop(text) is loops
