"""Differences between columns in the costs of noise, with intervals checked against t tests."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from toolkit.evaluation.noise_contrasts import contrasts_in
from toolkit.results.bits import Share
from toolkit.results.corpus import DOCUMENT, SEGMENT
from toolkit.results.noise import Noise

CHARACTERS = [900, 1100, 2000, 500, 1400, 800, 1000, 1200]


def cell(rates, characters=CHARACTERS, refused=None):
    """A cell with these extra bits per character in documents."""
    shares = [Share(characters=n, bits=n * rate) for n, rate in zip(characters, rates, strict=True)]
    documents = [] if refused else shares
    noise = Noise(name="n", letters=9, changed=1, characters=sum(characters), documents=documents, refused=refused)
    return SimpleNamespace(noise=[noise])


def scattered(mean, seed):
    return cell(mean + 0.02 * np.random.default_rng(seed).normal(size=len(CHARACTERS)))


def test_pieces_of_a_single_document_are_compared_as_its_segments():
    """Neighbours are alike here, so 20 pieces say much less than 20 documents would."""
    cells = {"char": [cell(0.3 + 0.02 * np.arange(20), [1000] * 20)]}
    (as_pieces,), (as_documents,) = (contrasts_in("n", cells, unit) for unit in (SEGMENT, DOCUMENT))
    assert as_pieces.high - as_pieces.low > 2 * (as_documents.high - as_documents.low)


@pytest.mark.parametrize("of_seeds", [False, True], ids=["documents", "seeds"])
def test_the_interval_against_no_noise_is_that_of_a_t_test(of_seeds):
    """Equal documents that scatter, or seeds that scatter alone: no noise has no variance of either."""
    rates = 0.3 + 0.05 * np.random.default_rng(3).normal(size=8)
    cells = [cell([rate] * 8) for rate in rates] if of_seeds else [cell(rates, [1000] * 8)]
    (contrast,) = contrasts_in("n", {"char": cells}, DOCUMENT)
    low, high = ttest_1samp(rates, 0).confidence_interval()
    assert (contrast.a, contrast.b, contrast.settled) == ("char", None, True)
    assert contrast.difference == pytest.approx(rates.mean())
    assert contrast.high - contrast.low == pytest.approx(high - low, rel=0.1)


def test_columns_are_distinguished_by_the_costs_of_noise():
    columns = {"char": [scattered(0.1, 1)], "word": [scattered(0.5, 2)], "bpe": [scattered(0.5, 3)]}
    contrasts = {(c.a, c.b): c for c in contrasts_in("n", columns, DOCUMENT)}
    assert contrasts.keys() == {("char", "word"), ("char", "bpe"), ("word", "bpe"), *((name, None) for name in columns)}
    assert contrasts["char", "word"].high < 0
    assert (contrasts["char", "word"].settled, contrasts["word", "bpe"].settled) == (True, False)
    difference = contrasts["char", None].difference - contrasts["word", None].difference
    assert contrasts["char", "word"].difference == pytest.approx(difference)


def test_no_cost_on_average_is_not_settled():
    (contrast,) = contrasts_in("n", {"char": [scattered(0.0, 1), scattered(0.0, 2)]}, DOCUMENT)
    assert contrast.low < 0 < contrast.high


def test_a_column_is_left_out_if_any_of_its_seeds_refused():
    refused = cell([0.1] * 8, refused="No.")
    columns = {"char": [scattered(0.1, 1), scattered(0.1, 3)], "word": [scattered(0.2, 4), refused]}
    assert [(c.a, c.b) for c in contrasts_in("n", columns, DOCUMENT)] == [("char", None)]
    assert contrasts_in("n", {"word": columns["word"]}, DOCUMENT) == []
