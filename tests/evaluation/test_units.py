"""Segments of a single document: sums are kept, and their correlation is recovered and widens intervals."""

from types import SimpleNamespace

import numpy as np
import pytest

from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.units import PIECES, columns_over_units, correlation, in_units
from toolkit.events.distribution import Floats
from toolkit.results.bits import DocumentBits, Share
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import DOCUMENT, SEGMENT
from toolkit.results.units import SEGMENTS, joined

LENGTHS = np.full(PIECES, 1000.0)


@pytest.mark.parametrize(
    ("signs", "rho"), [("++--++--", 0.5), ("++++----", 0.9), ("+-+-+-+-", 0), ("........", 0)]
)
@pytest.mark.parametrize("lengths", [np.full(8, 1000.0), 1000.0 * np.arange(1, 9)], ids=["equal", "rising"])
def test_the_correlation_by_hand(signs: str, rho: float, lengths: Floats) -> None:
    """Products of neighbours add up to 1, 5 and −7 of 8: ρ − (1 + 4ρ)/8 = 1/8 if ρ is ½. 5 and −7 are clipped."""
    e = np.array([[{"+": 1.0, "-": -1.0, ".": 0.0}[sign] for sign in signs]])
    for shared in (0.0, np.linspace(0, 1, 8)):  # an effect of pieces on all columns is no correlation
        bits = [(2 + shared + sign * e / 100) * lengths for sign in (1, -1)]
        assert correlation(bits, lengths) == pytest.approx(rho, abs=1e-9)
        assert (
            correlation([of[:, :SEGMENTS] for of in bits], lengths[:SEGMENTS]) == 0
        )  # pieces that are not joined


@pytest.mark.parametrize("rho", [0.2, 0.45, 0.7])
def test_the_inflation_is_the_variance_that_independent_segments_lack(rho: float) -> None:
    def series(rho: float, number: int) -> Floats:
        """Stationary AR(1) series (number, pieces) with variance 1."""
        steps = rng.normal(size=(number, PIECES))
        for i in range(1, PIECES):
            steps[:, i] = rho * steps[:, i - 1] + np.sqrt(1 - rho**2) * steps[:, i]
        return steps

    rng = np.random.default_rng(2)
    pair = Columns([1000 * (2 + 0.03 * series(rho, 1)), np.full((1, PIECES), 2000.0)], LENGTHS)
    means, sizes = series(correlation(pair.bits, LENGTHS), 40_000), joined(np.ones(PIECES))
    residuals = joined(means) - means.mean(axis=1, keepdims=True) * sizes
    jackknife = 5 / 6 * ((residuals / (PIECES - sizes)) ** 2).sum(axis=1)
    segments = in_units(pair, SEGMENT)
    assert segments.inflation == pytest.approx(means.mean(axis=1).var() / jackknife.mean(), rel=0.05)
    independent = Columns(segments.bits, segments.characters).pairs.variances
    assert segments.pairs.variances == pytest.approx(segments.inflation * independent)


@pytest.mark.parametrize("characters", [350, 3_549, 80_011, 1_000_003])  # no multiples of the number of pieces
def test_pieces_without_correlation_give_the_smallest_p_and_none_below_it(characters: int) -> None:
    lengths = joined(np.ones(characters), PIECES)
    steps = np.tile([0.1, 0.2], PIECES // 2)  # neighbours differ, so that their correlation is below 0
    pieces = Columns([2 * lengths[None], (2 - steps)[None] * lengths], lengths)
    segments = in_units(pieces, SEGMENT)
    (estimate,) = segments.contrasts()
    assert estimate.estimate == pytest.approx(pieces.pairs.differences[0])
    assert (segments.inflation, estimate.fewer, estimate.p) == (1, SEGMENTS, 1 / 32)


@pytest.mark.parametrize(("parts", "unit", "expected"), [(1, DOCUMENT, 6), (13, SEGMENT, 6), (13, DOCUMENT, 13)])
def test_pieces_and_parts_of_a_single_text_are_compared_as_its_segments(
    parts: int, unit: str, expected: int
) -> None:
    pieces = [Share(characters=100, bits=200.0 + i) for i in range(PIECES)] if parts == 1 else None
    documents = [DocumentBits(name=str(i), characters=2000, bits=5000.0 + i, units=pieces) for i in range(parts)]
    comparison = Comparison.model_construct(
        corpus=SimpleNamespace(unit=unit, split=SimpleNamespace(test=documents))
    )
    measured = columns_over_units(comparison, [[SimpleNamespace(documents=documents, seeds=[0, 1])]] * 2)
    assert [bits.shape for bits in measured.bits] == [(2, expected)] * 2
    assert measured.characters.sum() == 2000 * parts
