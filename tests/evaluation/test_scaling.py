"""Where columns cross, as their training text grows, and the curves of their bits."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import curve_fit

from tests.report.comparison_example import comparison, interval
from toolkit.evaluation.scaling import adjusted_p, crossing, fitted_curve, scaling
from toolkit.evaluation.statistics import Columns

FRACTIONS = {0.1: 100_000, 0.25: 250_000, 0.5: 500_000, 1.0: 1_000_000}
LENGTHS = np.array([1e5, 2.5e5, 5e5, 1e6, 2e6])


def crossing_of(*points):
    """The crossing of char and word, whose differences have these estimates and half widths at four fractions."""
    differences = [
        interval("char", "word", difference, half, over="fraction", at=fraction, p=0.01)
        for fraction, (difference, half) in zip(FRACTIONS, points, strict=True)
    ]
    return crossing(differences, FRACTIONS)


def test_a_crossing_lies_between_lines_over_the_logarithm():
    """From −0.2 to +0.2 over a factor of 2.5: half of its logarithm, and the band's edges by hand."""
    place = crossing_of((-0.2, 0.1), (0.2, 0.1), (0.4, 0.1), (0.5, 0.1))
    assert place.at == pytest.approx(100_000 * math.sqrt(2.5))
    assert place.low == pytest.approx(100_000 * 2.5**0.25)  # where −0.1 + 0.4 s is zero
    assert place.high == pytest.approx(100_000 * 2.5**0.75)
    assert place.winners == ["char", "word", "word", "word"]
    turned = crossing_of((0.3, 0.1), (0.0, 0.1), (-0.1, 0.2), (-0.5, 0.1))
    assert turned.winners[-1] == "char"
    assert 100_000 < turned.low < turned.at < turned.high < 1_000_000
    never = crossing_of((-0.05, 0.1), (0.1, 0.2), (0.3, 0.1), (0.4, 0.1))
    assert (never.at, never.low, never.high, never.winners) == (None, None, None, ["word", "word"])
    twice = crossing_of((0.3, 0.1), (-0.3, 0.1), (0.3, 0.1), (0.3, 0.1))
    assert (twice.at, twice.low, twice.high, twice.winners) == (None, None, None, ["word", "char", "word", "word"])


def growing(gap, noise=0.004, seeds=(-0.001, 0.001), documents=9):
    """The example at four fractions: word is behind char by ``gap`` at the smallest, ahead by 3 · gap at the last."""
    whole, rng, cells = comparison(), np.random.default_rng(4), []
    for fraction in FRACTIONS:
        decades = math.log10(fraction / 0.1)
        rates = {"char": 2.4 - 0.1 * decades, "word:pos": 2.4 + gap - (0.1 + 4 * gap) * decades}
        for cell in comparison({name: tuple(rate + seed for seed in seeds) for name, rate in rates.items()}).done:
            cell.fraction, cell.documents = fraction, cell.documents[:documents]
            for document in cell.documents:
                document.bits = document.characters * rng.normal(cell.bits_per_character.total, noise)
            cells.append(cell)
    whole.corpus.fractions = [SimpleNamespace(fraction=fraction, characters=n) for fraction, n in FRACTIONS.items()]
    return whole.model_copy(update={"cells": cells, "rows": []})


def test_a_planted_crossing_is_inside_its_interval_and_curves_go_through_means_of_seeds():
    """The lines meet where 4 · gap · log10(f / 0.1) = gap: a quarter of a decade above the smallest fraction."""
    whole = growing(0.2)
    both = scaling(whole)
    (only,) = both.crossings
    assert (only.a, only.b, only.winners[-1]) == ("char", "word:pos", "word:pos")
    assert only.low < 100_000 * 10**0.25 < only.high
    assert [(d.over, d.family, d.at) for d in only.differences] == [("fraction", 4, at) for at in FRACTIONS]
    for curve in both.curves:
        totals = [c.bits_per_character.total for c in whole.done if c.column == curve.column and c.fraction == 1]
        assert curve.held_back.measured == pytest.approx(np.mean(totals))
    whole.cells = [cell for cell in whole.cells if (cell.column, cell.fraction) != ("char", 0.25)]
    rest = scaling(whole)  # only columns with a result at every fraction
    assert ([curve.column for curve in rest.curves], rest.crossings, scaling(comparison())) == (["word:pos"], [], None)


def test_too_few_documents_show_no_crossing_and_seeds_widen_intervals():
    """With five documents exchanging two columns cannot give p below 0.0625, however narrow the intervals are."""
    (few,) = scaling(growing(0.2, documents=5)).crossings
    assert (few.at, few.winners) == (None, [])
    (scattered,) = scaling(growing(0.02, noise=0.0, seeds=(-0.1, 0.1, 0.0))).crossings  # documents are alike
    assert all(d.half_width > 0.1 * math.sqrt(2 / 3) for d in scattered.differences)


def test_p_holds_for_all_fractions_together():
    """Equal columns: the smallest p of four fractions is at most 0.2 as rarely as it should be."""
    smallest = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rates = rng.normal(2, 0.1, 9)  # common to both
        bits = [1000 * rng.normal(rates, 0.02)[None] for _ in range(8)]
        measured = Columns(bits, np.full(9, 1000.0), thousands=1)
        smallest.append(adjusted_p(measured, 2, np.random.default_rng(1)).min())
    assert 0 < sum(p <= 0.2 for p in smallest) <= 21  # 12 expected; above 21 with a chance of 0.3 %


def test_the_order_of_columns_changes_nothing_but_signs():
    whole = growing(0.2, noise=0.03)
    turned = whole.model_copy(update={"cells": sorted(whole.cells, key=lambda cell: cell.column, reverse=True)})
    (plain,), (other,) = scaling(whole).crossings, scaling(turned).crossings
    for d, e in zip(plain.differences, other.differences, strict=True):
        assert d.p == e.p
        assert (d.difference, d.half_width) == pytest.approx((-e.difference, e.half_width), rel=1e-9)


@pytest.mark.parametrize("exponent", [0.2, 0.35, 1.2])
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_curves_are_least_squares_and_predict_the_last_point_from_the_earlier_ones(exponent, noise):
    def planted(n, a, b, c):
        return a + b * n**-c

    n, truth = LENGTHS / 1e6, (1.4, 0.6, exponent)
    bits = planted(n, *truth) + noise * np.random.default_rng(1).normal(size=5)
    theirs, earlier = (curve_fit(planted, n[:points], bits[:points], p0=truth)[0] for points in (5, 4))
    curve = fitted_curve("x", LENGTHS, bits)
    assert [curve.at(length) for length in LENGTHS] == pytest.approx(planted(n, *theirs), abs=1e-3)
    assert curve.held_back.predicted == pytest.approx(planted(n[-1], *earlier), abs=1e-2)
    assert curve.held_back.measured == bits[-1]


def test_curves_of_few_points_and_of_rising_bits() -> None:
    """Two points give no curve, three predict none. The factor is not negative, so no curve rises."""
    assert fitted_curve("x", LENGTHS[:2], [2.0, 1.9]) is None
    mean = fitted_curve("x", LENGTHS[:3], [1.0, 1.1, 1.2])
    assert mean.held_back is None
    assert (mean.offset, mean.factor * 1e5**-mean.exponent) == pytest.approx((1.1, 0), abs=1e-6)
