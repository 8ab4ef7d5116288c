from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.metrics.word_bits import EACH_WAY, LONGEST, Occurrences, most_different, word_bits
from toolkit.text import neutral

TEXTS = st.lists(st.text(alphabet="ab ’.\n", max_size=30), max_size=3)


@given(TEXTS)
def test_the_bits_of_words_are_those_of_their_characters(texts: list[str]) -> None:
    rng = np.random.default_rng(0)
    bits = [rng.uniform(0, 9, len(text)) for text in texts]
    occurrences = Occurrences(texts)
    expected = Counter[str]()
    for text, of_text in zip(texts, bits, strict=True):
        for start, end, word in neutral.word_spans(text):
            expected[word] += of_text[start:end].sum()
    by_word = dict(zip(occurrences.words, occurrences.bits(bits), strict=True))
    assert by_word == pytest.approx(expected)
    assert occurrences.counts == Counter(word for text in texts for word in neutral.words(text))


def test_a_word_is_charged_for_all_its_occurrences_and_the_space_before() -> None:
    differing = word_bits({"x": [np.arange(1.0, 8.0)], "y": [np.zeros(7)]}, ["sea sea"], {"sea": 12})
    assert [(word.text, word.count, word.band) for word in differing.words] == [("sea", 2, "10-99")]
    assert differing.bits == {"x": [28.0], "y": [0.0]}


@given(st.integers(2, 5), st.integers(1, 80), st.integers(1, 60))
def test_of_every_pair_the_greatest_differences_are_there_and_no_more_words_than_allowed(
    columns: int, words: int, most: int
) -> None:
    rng = np.random.default_rng(columns * 10_000 + words)
    bits = [rng.uniform(0, 100, words) for _ in range(columns)]
    n, words = most_different(bits, most)
    assert len(words) <= most
    assert words == sorted(set(words))
    for a, b in permutations(bits, 2):
        assert set(np.argsort(a - b)[:n].tolist()) <= set(words)
    pairs = columns * (columns - 1) // 2
    assert n >= min(EACH_WAY, most // (2 * pairs))


def test_one_column_has_no_words_to_differ_over() -> None:
    assert word_bits({"x": [np.ones(3)]}, ["sea"], {}).words == []
    assert word_bits({}, ["sea"], {}).words == []


def test_a_word_without_end_is_cut() -> None:
    (word,) = word_bits({"x": [np.ones(10_000)], "y": [np.zeros(10_000)]}, ["a" * 10_000], {}).words
    assert len(word.text) == LONGEST
    assert word.text.endswith("…")
