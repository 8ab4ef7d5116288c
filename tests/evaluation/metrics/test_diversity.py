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
