"""Where columns cross, as their training text grows, and the curves of their bits."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from tests.report.comparison_example import comparison as example
from tests.report.comparison_example import interval
from toolkit.evaluation.scaling import adjusted_p, crossing, fitted_curve, scaling
from toolkit.evaluation.statistics import Columns
from toolkit.results.corpus import FractionFacts

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


@pytest.mark.parametrize(
    ("points", "wins"),
    [
        (((-0.05, 0.1), (0.1, 0.2), (0.3, 0.1), (0.4, 0.1)), (0, 2)),
        (((0.3, 0.1), (-0.3, 0.1), (0.3, 0.1), (0.3, 0.1)), (1, 3)),
    ],
)
def test_pairs_that_do_not_cross_once_have_no_place(points, wins):
    place = crossing_of(*points)
    assert (place.at, place.low, place.high) == (None, None, None)
    assert (place.winners.count("char"), place.winners.count("word")) == wins


def growing(gap, seeds=2, noise=0.004, documents=9, seed_effects=(0.0, 0.0, 0.0)):
    """The example at four fractions: word is behind char by ``gap`` at the smallest, ahead by 3 · gap at the last."""
    whole, rng, cells = example(), np.random.default_rng(4), []
    base = {cell.column: cell for cell in whole.done}
    for name, start, slope, sign in (("char", 2.4, -0.1, 1), ("word:pos", 2.4 + gap, -0.1 - 4 * gap, -1)):
        for fraction in FRACTIONS:
            for seed in range(seeds):
                rate = start + slope * math.log10(fraction / 0.1) + sign * seed_effects[seed]
                paid = [
                    d.model_copy(update={"bits": d.characters * rng.normal(rate, noise)})
                    for d in base[name].documents[:documents]
                ]
                total = sum(d.bits for d in paid) / sum(d.characters for d in paid)
                bits = base[name].bits_per_character.model_copy(update={"total": total})
                update = {"fraction": fraction, "seed": seed, "documents": paid, "bits_per_character": bits}
                cells.append(base[name].model_copy(update=update))
    size = {"documents": 9, "tokens": 1, "types": 1, "unseen_token_share": 0.1, "recipe": "small"}
    facts = [FractionFacts(fraction=fraction, characters=n, **size) for fraction, n in FRACTIONS.items()]
    corpus = whole.corpus.model_copy(update={"fractions": facts})
    return whole.model_copy(update={"cells": cells, "rows": [], "corpus": corpus})


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


@pytest.mark.parametrize("documents", [2, 5])
def test_too_few_documents_show_no_crossing(documents):
    """With five documents exchanging two columns cannot give p below 0.0625, however narrow the intervals are."""
    (only,) = scaling(growing(0.2, documents=documents)).crossings
    assert only.at is None
    assert all(d.p > 0.05 for d in only.differences)


def test_seeds_widen_the_intervals_of_differences():
    """Documents are alike here; only training differs, by a tenth of a bit."""
    (only,) = scaling(growing(0.02, noise=0.0, seeds=3, seed_effects=(-0.1, 0.1, 0.0))).crossings
    assert all(d.half_width > 0.1 * math.sqrt(2 / 3) for d in only.differences)


def test_p_holds_for_all_fractions_together():
    """Equal columns: the smallest p of four fractions is at most 0.2 as rarely as it should be."""
    all_pairs = list(combinations(range(8), 2))
    at_each_fraction = np.array([[all_pairs.index((f, 4 + f)) for f in range(4)]])
    smallest = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rates = rng.normal(2, 0.1, 9)  # common to both
        bits = [1000 * rng.normal(rates, 0.02)[None] for _ in range(8)]
        measured = Columns(bits, np.full(9, 1000.0), thousands=1)
        smallest.append(adjusted_p(measured, 2, at_each_fraction, np.random.default_rng(1)).min())
    assert 0 < sum(p <= 0.2 for p in smallest) <= 21  # 12 expected; above 21 with a chance of 0.3 %


def test_the_order_of_columns_changes_nothing_but_signs():
    whole = growing(0.2, noise=0.03)
    turned = whole.model_copy(update={"cells": sorted(whole.cells, key=lambda cell: cell.column, reverse=True)})
    (plain,), (other,) = scaling(whole).crossings, scaling(turned).crossings
    for d, e in zip(plain.differences, other.differences, strict=True):
        assert d.p == e.p
        assert (d.difference, d.half_width) == pytest.approx((-e.difference, e.half_width), rel=1e-9)


def test_a_column_without_a_result_at_some_fraction_has_no_curve():
    whole = growing(0.2)
    cells = [cell for cell in whole.cells if (cell.column, cell.fraction) != ("char", 0.25)]
    rest = scaling(whole.model_copy(update={"cells": cells}))
    assert ([curve.column for curve in rest.curves], rest.crossings) == (["word:pos"], [])
    assert scaling(example()) is None


@settings(max_examples=30)
@given(st.floats(0.2, 2), st.floats(0.3, 3), st.floats(0.05, 1.2))
def test_a_planted_curve_is_recovered_and_predicts_the_last_point(offset: float, rise: float, exponent: float) -> None:
    bits = offset + rise * (LENGTHS / 1e6) ** -exponent
    curve = fitted_curve("x", LENGTHS, bits)
    assert [curve.at(n) for n in LENGTHS] == pytest.approx(bits, abs=1e-3)
    assert (curve.held_back.measured, curve.held_back.predicted) == (bits[-1], pytest.approx(bits[-1], abs=0.01))


def test_the_least_squares_are_those_of_another_library() -> None:
    def planted(n, a, b, c):
        return a + b * n**-c

    n = LENGTHS / 1e6
    bits = planted(n, 1.4, 0.6, 0.35) + 0.01 * np.random.default_rng(1).normal(size=5)
    theirs, _ = curve_fit(planted, n, bits, p0=(1, 1, 0.5))
    ours = np.array([fitted_curve("x", LENGTHS, bits).at(length) for length in LENGTHS])
    assert ((ours - bits) ** 2).sum() == pytest.approx(((planted(n, *theirs) - bits) ** 2).sum(), rel=1e-3)


def test_curves_of_few_points_and_of_rising_bits() -> None:
    """Two points give no curve, three predict none. The factor is not negative, so no curve rises."""
    assert fitted_curve("x", LENGTHS[:2], [2.0, 1.9]) is None
    mean = fitted_curve("x", LENGTHS[:3], [1.0, 1.1, 1.2])
    assert mean.held_back is None
    assert (mean.offset, mean.factor * 1e5**-mean.exponent) == pytest.approx((1.1, 0), abs=1e-6)
