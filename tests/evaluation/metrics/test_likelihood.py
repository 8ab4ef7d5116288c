from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.metrics import likelihood
from toolkit.inference.scores import character_bits
from toolkit.results.bits import BANDS

EVENTS = st.lists(st.tuples(st.integers(0, 4), st.floats(0, 30)), min_size=1, max_size=40)


def by_hand(widths: list[int], bits: list[float]) -> tuple[list[float], float]:
    """The definition, event by event: what a zero-width event costs waits for the next covered character."""
    characters: list[float] = []
    waiting = 0.0
    for width, of_event in zip(widths, bits, strict=True):
        if width == 0:
            waiting += of_event
        else:
            characters += [of_event / width + waiting] + [of_event / width] * (width - 1)
            waiting = 0.0
    return characters, waiting


@given(EVENTS)
def test_bits_fall_where_the_definition_says_and_none_are_lost(events: list[tuple[int, float]]) -> None:
    widths, bits = [list(column) for column in zip(*events, strict=True)]
    characters, end = character_bits(np.cumsum([0, *widths]), np.array(bits))
    expected, expected_end = by_hand(widths, bits)
    np.testing.assert_allclose(characters, expected, atol=1e-9)
    assert end == pytest.approx(expected_end)
    assert characters.sum() + end == pytest.approx(sum(bits), abs=1e-9)


def test_an_empty_document_is_all_end() -> None:
    characters, end = character_bits(np.array([0, 0]), np.array([3.0]))
    assert characters.shape == (0,)
    assert end == 3.0


def test_bands_of_several_documents_sum_to_the_total() -> None:
    texts = ["the sea, the sea", "a moon"]
    scored = [(np.arange(1.0, 17.0), 2.0), (np.ones(6), 3.0)]
    bands = likelihood.by_frequency(scored, texts, Counter({"the": 100, "sea": 1}))
    assert [band.band for band in bands] == list(BANDS)
    assert sum(band.characters for band in bands) == 22
    assert sum(band.bits for band in bands) == pytest.approx(136 + 2 + 6 + 3)
    by_band = {band.band: (band.characters, band.bits) for band in bands}
    # "the" 1+2+3 and " the" 9+10+11+12; " sea" 4+5+6+7 and 13+14+15+16; "," 8 and the ends 2+3; "a moon" 6
    assert by_band["100+"] == (7, 48.0)
    assert by_band["1"] == (8, 80.0)
    assert by_band["not a word"] == (1, 13.0)
    assert by_band["0"] == (6, 6.0)


def test_documents_and_texts_must_agree_in_number() -> None:
    with pytest.raises(ValueError, match="zip"):
        likelihood.by_frequency([], ["a"], {})


def test_word_perplexity_of_a_uniform_model_is_its_vocabulary() -> None:
    assert likelihood.word_perplexity(5 * np.log2(10_000), 5) == pytest.approx(10_000)
