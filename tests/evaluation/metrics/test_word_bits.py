import tracemalloc
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from toolkit.evaluation.metrics.word_bits import by_frequency, by_part_of_speech, labels, word_bits, word_perplexity

from toolkit.inference.scores import character_bits
from toolkit.results.bits import BANDS
from toolkit.text import neutral
from toolkit.text.tagged import Tagged


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 30)), min_size=1, max_size=40))
def test_bits_are_charged_to_characters_and_none_are_lost(events: list[tuple[int, float]]) -> None:
    """The bits of an event without characters wait for the next character that an event covers."""
    expected: list[float] = []
    waiting = 0.0
    for width, bits in events:
        if width:
            expected += [bits / width + waiting, *[bits / width] * (width - 1)]
        waiting = 0.0 if width else waiting + bits
    characters, end = character_bits(np.cumsum([0, *(width for width, _ in events)]), np.array([b for _, b in events]))
    np.testing.assert_allclose(characters, expected, atol=1e-9)
    assert end == pytest.approx(waiting)


def test_bands_of_several_documents_sum_to_the_total() -> None:
    texts = ["the sea, the sea", "a moon"]
    bands = by_frequency([(np.arange(1.0, 17.0), 2.0), (np.ones(6), 3.0)], texts, Counter({"the": 100, "sea": 1}))
    assert [band.band for band in bands] == list(BANDS)
    by_band = {band.band: (band.characters, band.bits) for band in bands if band.characters}
    # "the" 1+2+3 and " the" 9+10+11+12; " sea" 4+5+6+7 and 13+14+15+16; "," 8 and the ends 2+3; "a moon" 6
    assert by_band == {"100+": (7, 48.0), "1": (8, 80.0), "not a word": (1, 13.0), "0": (6, 6.0)}
    assert [[share.bits for share in band.documents] for band in bands if band.band in ("0", "not a word")] == [
        [0.0, 6.0], [10.0, 3.0],
    ]  # fmt: skip
    with pytest.raises(ValueError, match="zip"):
        by_frequency([], ["a"], {})


def test_bits_of_two_texts_by_part_of_speech() -> None:
    # "a bee!": a 1, " bee" 2+3+4+5, "!" 6; "bee": 1+1+1; the ends 0.5 and 0.25
    noun, determiner = Tagged(2, 5, "", "NOUN", ""), Tagged(0, 1, "", "DET", "")
    parts = labels(["a bee!", "bee"], [[determiner, noun], [Tagged(0, 3, "", "NOUN", "")]])
    ledger = by_part_of_speech([(np.arange(1.0, 7.0), 0.5), (np.ones(3), 0.25)], parts)
    assert [(part.pos, part.characters, part.bits) for part in ledger] == [
        ("DET", 1, 1.0), ("NOUN", 7, 17.0), ("not a word", 1, 6.75),
    ]  # fmt: skip


def test_word_perplexity_of_a_uniform_model_is_its_vocabulary() -> None:
    assert word_perplexity(5 * np.log2(10_000), 5) == pytest.approx(10_000)
    assert word_perplexity(1e9, 1) == np.finfo(float).max


@given(st.lists(st.text(alphabet="ab ’.\n", max_size=30), max_size=3))
def test_words_are_charged_for_the_characters_of_all_occurrences_with_the_space_before(texts: list[str]) -> None:
    rng = np.random.default_rng(0)
    bits = {name: [rng.uniform(0, 9, len(text)) for text in texts] for name in "xy"}
    expected = {name: Counter[str]() for name in bits}
    for name, paid in bits.items():
        for text, of_text in zip(texts, paid, strict=True):
            for start, end, word in neutral.word_spans(text):
                expected[name][word] += of_text[start:end].sum()
    found = word_bits(bits, texts, {})
    assert found.among == len(expected["x"])
    for name, of_words in expected.items():
        by_word = dict(zip((word.text for word in found.words), found.bits[name], strict=True))
        assert by_word == pytest.approx({word: of_words[word] for word in by_word})
    if found.among <= 24:
        assert [word.count for word in found.words] == sorted((word.count for word in found.words), reverse=True)
        assert len(found.words) == found.among


@pytest.mark.parametrize(("columns", "types"), [(2, 5), (2, 400), (3, 400), (9, 1500)])
def test_every_pair_has_its_greatest_differences(columns: int, types: int) -> None:
    rng = np.random.default_rng(columns)
    words = [f"w{i:04}" for i in range(types)]
    text = " ".join(words)
    paid = {str(i): [rng.uniform(0, 9, len(text))] * 2 for i in range(columns)}
    found = word_bits(paid, [text, text], {"w0000": 12})
    assert len(found.words) <= 600
    assert found.each_way >= min(12, 600 // (columns * (columns - 1)))
    totals = {n: [2 * bits[0][a:b].sum() for a, b, _ in neutral.word_spans(text)] for n, bits in paid.items()}
    for (a, b), pair in zip(combinations(paid, 2), found.intervals, strict=True):
        order = np.argsort(np.subtract(totals[a], totals[b]))
        greatest = {words[i] for i in (*order[: found.each_way], *order[-found.each_way :])}
        assert (pair.a, pair.b) == (a, b)
        assert {found.words[i].text for i in pair.words} == greatest
    assert {(w.count, w.band) for w in found.words if w.text == "w0000"} <= {(2, "10-99")}


def test_the_interval_of_a_word_is_of_a_sum_over_documents() -> None:
    """Five documents with "sea", one with "eel" too: scipy's paired t interval of the mean, five times as wide.

    There are two words, so each interval misses the truth in half of 5 % of cases.
    """
    texts = ["sea"] * 4 + ["sea eel"]
    a = [np.full(len(text), 1.0 + i) for i, text in enumerate(texts)]
    b = [np.full(len(text), 2.0) for text in texts]
    (pair,) = word_bits({"x": a, "y": b}, texts, {}).intervals
    by_word = dict(zip(pair.words, pair.half_widths, strict=True))
    sums = ([of_text[:3].sum() for of_text in of_column] for of_column in (a, b))
    mean = stats.ttest_rel(*sums).confidence_interval(1 - 0.05 / 2)
    assert by_word[0] == pytest.approx(5 * (mean.high - mean.low) / 2)
    assert by_word[1] > 4 * (5.0 - 2.0)  # a word of one document is never significant
    assert word_bits({"x": a[:1], "y": b[:1]}, texts[:1], {}).intervals == []


def test_many_texts_with_words_of_their_own_take_little_memory() -> None:
    texts = [f"the word{i}" for i in range(2_000)]
    bits = {name: [np.full(len(text), paid) for text in texts] for name, paid in (("x", 1.0), ("y", 2.0))}
    tracemalloc.start()
    found = word_bits(bits, texts, {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.intervals[0].words) == 24
    assert peak < 8_000_000  # texts × types are 4,000,000 numbers of 8 bytes


def test_one_column_has_no_differences_and_a_long_word_is_cut() -> None:
    assert word_bits({"x": [np.ones(3)]}, ["sea"], {}).words == word_bits({}, ["sea"], {}).words == []
    (word,) = word_bits({"x": [np.ones(10_000)], "y": [np.zeros(10_000)]}, ["a" * 10_000], {}).words
    assert word.text == "a" * 59 + "…"
