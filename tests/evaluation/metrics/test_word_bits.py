import tracemalloc
from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

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
    by_word = dict(zip(occurrences.words, occurrences.by_word(occurrences.bits(bits)), strict=True))
    assert by_word == pytest.approx(expected)
    assert occurrences.counts == Counter(word for text in texts for word in neutral.words(text))


@given(TEXTS, st.sets(st.integers(0, 9)))
def test_the_bits_of_a_few_words_in_each_text_are_those_of_their_characters(texts: list[str], few: set[int]) -> None:
    rng = np.random.default_rng(0)
    bits = [rng.uniform(0, 9, len(text)) for text in texts]
    occurrences = Occurrences(texts)
    chosen = [i for i in few if i < len(occurrences.words)]
    expected = np.zeros((len(texts), len(chosen)))
    for row, text, own in zip(expected, texts, bits, strict=True):
        for start, end, word in neutral.word_spans(text):
            row += [own[start:end].sum() if word == occurrences.words[i] else 0.0 for i in chosen]
    np.testing.assert_allclose(occurrences.by_text(occurrences.bits(bits), chosen), expected, atol=1e-9)


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


def test_the_interval_of_a_word_is_that_of_a_sum_over_documents() -> None:
    """Five documents with "sea", one with "eel" too: scipy's paired t interval of the mean, five times as wide.

    There are two words, so each misses what is true in half of 5 % of cases."""
    texts = ["sea"] * 4 + ["sea eel"]
    a = [np.full(len(text), 1.0 + i) for i, text in enumerate(texts)]
    b = [np.full(len(text), 2.0) for text in texts]
    found = word_bits({"x": a, "y": b}, texts, {})
    (pair,) = found.intervals
    assert (pair.a, pair.b) == ("x", "y")
    by_word = dict(zip(pair.words, pair.half_widths, strict=True))
    mean = stats.ttest_rel([of[:3].sum() for of in a], [of[:3].sum() for of in b]).confidence_interval(1 - 0.05 / 2)
    assert by_word[0] == pytest.approx(5 * (mean.high - mean.low) / 2)
    assert by_word[1] > 4 * (5.0 - 2.0)  # one document can settle nothing
    assert word_bits({"x": a[:1], "y": b[:1]}, texts[:1], {}).intervals == []


def test_of_two_equal_columns_nearly_all_words_have_intervals_with_0() -> None:
    """A column differs from another one by chance alone; the words that differ most are looked at."""
    rng = np.random.default_rng(5)
    texts = [" ".join(f"word{n}" for n in rng.integers(0, 400, 600)) for _ in range(9)]
    outside = []
    for _ in range(10):
        found = word_bits({name: [rng.normal(size=len(text)) for text in texts] for name in "xy"}, texts, {})
        differences = np.array(found.bits["x"]) - np.array(found.bits["y"])
        (pair,) = found.intervals
        outside += (abs(differences[pair.words]) > pair.half_widths).tolist()
    assert len(outside) == 10 * 2 * EACH_WAY
    assert np.mean(outside) < 0.02


def test_of_two_equal_columns_no_word_is_told_apart_in_95_of_100_comparisons() -> None:
    """However the words that differ most are chosen, their intervals hold together."""
    rng = np.random.default_rng(7)
    frequencies = 1 / np.arange(1, 1_201)
    told = 0
    texts = [" ".join(f"w{n}" for n in rng.choice(1_200, 700, p=frequencies / frequencies.sum())) for _ in range(9)]
    for _ in range(60):
        paid = []
        for text in texts:
            words = text.split(" ")
            paid.append(np.repeat(rng.normal(size=len(words)) / 5, [len(word) + 1 for word in words])[:-1])
        found = word_bits({"x": paid, "y": [np.zeros(len(text)) for text in texts]}, texts, {})
        assert found.among == len({word for text in texts for word in text.split()})
        (pair,) = found.intervals
        told += bool((abs(np.array(found.bits["x"])[pair.words]) > pair.half_widths).any())
    assert told <= 0.05 * 60


def test_many_texts_with_words_of_their_own_take_little_memory() -> None:
    texts = [f"the word{i}" for i in range(2_000)]
    bits = {name: [np.full(len(text), paid) for text in texts] for name, paid in (("x", 1.0), ("y", 2.0))}
    tracemalloc.start()
    found = word_bits(bits, texts, {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.intervals[0].words) == 2 * EACH_WAY
    assert peak < 8_000_000  # texts × types are 4,000,000 numbers of 8 bytes


def test_one_column_has_no_words_to_differ_over() -> None:
    assert word_bits({"x": [np.ones(3)]}, ["sea"], {}).words == []
    assert word_bits({}, ["sea"], {}).words == []


def test_a_word_without_end_is_cut() -> None:
    (word,) = word_bits({"x": [np.ones(10_000)], "y": [np.zeros(10_000)]}, ["a" * 10_000], {}).words
    assert len(word.text) == LONGEST
    assert word.text.endswith("…")
