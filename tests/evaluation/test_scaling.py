"""Where columns cross, as their training text grows."""

import math
from itertools import combinations

import numpy as np
import pytest

from tests.report.comparison_example import comparison as example
from tests.report.comparison_example import interval
from toolkit.evaluation.scaling import adjusted_p, crossing, scaling
from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.variance import pair_indices
from toolkit.results.corpus import FractionFacts

FRACTIONS = {0.1: 100_000, 0.25: 250_000, 0.5: 500_000, 1.0: 1_000_000}


def differences(*points):
    """Differences char − word with half widths at four fractions."""
    return [
        interval("char", "word", difference, half, over="fraction", at=fraction, p=0.01)
        for fraction, (difference, half) in zip(FRACTIONS, points, strict=True)
    ]


def test_a_crossing_lies_between_lines_over_the_logarithm():
    """From −0.2 to +0.2 over a factor of 2.5: half of its logarithm, and the band's edges by hand."""
    found = crossing(differences((-0.2, 0.1), (0.2, 0.1), (0.4, 0.1), (0.5, 0.1)), FRACTIONS)
    assert found.at == pytest.approx(100_000 * math.sqrt(2.5))
    assert found.low == pytest.approx(100_000 * 2.5**0.25)  # where −0.1 + 0.4 s is zero
    assert found.high == pytest.approx(100_000 * 2.5**0.75)
    assert found.winners == ["char", "word", "word", "word"]
    turned = crossing(differences((0.3, 0.1), (0.0, 0.1), (-0.1, 0.2), (-0.5, 0.1)), FRACTIONS)
    assert turned.winners[-1] == "char"
    assert 100_000 < turned.low < turned.at < turned.high < 1_000_000


@pytest.mark.parametrize(
    ("points", "wins"),
    [
        (((0.3, 0.1),) * 4, (0, 4)),
        (((0.0, 0.1),) * 4, (0, 0)),
        (((-0.05, 0.1), (0.1, 0.2), (0.3, 0.1), (0.4, 0.1)), (0, 2)),
        (((0.3, 0.1), (-0.3, 0.1), (0.3, 0.1), (0.3, 0.1)), (1, 3)),
    ],
)
def test_pairs_that_do_not_cross_once_have_no_place(points, wins):
    found = crossing(differences(*points), FRACTIONS)
    assert (found.at, found.low, found.high) == (None, None, None)
    assert (found.winners.count("char"), found.winners.count("word")) == wins


def growing(gap, seeds=2, noise=0.004, documents=9):
    """The example at four fractions: word is behind char by ``gap`` at the smallest, ahead by 3 · gap at the last."""
    whole = example()
    rng = np.random.default_rng(4)
    base = {cell.column: cell for cell in whole.done}
    cells = []
    for name, start, slope in (("char", 2.4, -0.1), ("word:pos", 2.4 + gap, -0.1 - 4 * gap)):
        for fraction in FRACTIONS:
            for seed in range(seeds):
                rate = start + slope * math.log10(fraction / 0.1)
                paid = [
                    d.model_copy(update={"bits": d.characters * (rate + noise * rng.normal())})
                    for d in base[name].documents[:documents]
                ]
                total = sum(d.bits for d in paid) / sum(d.characters for d in paid)
                bits = base[name].bits_per_character.model_copy(update={"total": total})
                update = {"fraction": fraction, "seed": seed, "documents": paid, "bits_per_character": bits}
                cells.append(base[name].model_copy(update=update))
    facts = [
        FractionFacts(fraction=f, documents=9, characters=n, tokens=1, types=1, unseen_token_share=0.1, recipe="small")
        for f, n in FRACTIONS.items()
    ]
    corpus = whole.corpus.model_copy(update={"fractions": facts})
    return whole.model_copy(update={"cells": cells, "rows": [], "corpus": corpus})


def test_a_planted_crossing_is_inside_its_interval_and_curves_go_through_means_of_seeds():
    """The lines meet where 4 · gap · log10(f / 0.1) = gap: a quarter of a decade above the smallest fraction."""
    whole = growing(0.2)
    found = scaling(whole)
    (only,) = found.crossings
    assert (only.a, only.b, only.winners[-1]) == ("char", "word:pos", "word:pos")
    assert only.low < 100_000 * 10**0.25 < only.high
    assert {(d.over, d.family) for d in only.differences} == {("fraction", 4)}
    assert [d.at for d in only.differences] == list(FRACTIONS)
    for curve in found.curves:
        totals = [c.bits_per_character.total for c in whole.done if c.column == curve.column and c.fraction == 1]
        assert curve.held_back.measured == pytest.approx(np.mean(totals))


def test_equal_columns_do_not_cross():
    (only,) = scaling(growing(0.0, noise=0.05)).crossings
    assert (only.at, only.winners) == (None, [])


@pytest.mark.parametrize("documents", [2, 3, 5])
def test_too_few_documents_show_no_crossing(documents):
    """With five documents exchanging two columns cannot give p below 0.0625, however narrow the intervals are."""
    (only,) = scaling(growing(0.2, documents=documents)).crossings
    assert only.at is None
    assert all(d.p > 0.05 for d in only.differences)


def test_seeds_widen_the_intervals_of_differences():
    """Documents are alike here; only training differs, by a tenth of a bit."""
    whole = growing(0.02, noise=0.0, seeds=3)
    for cell in whole.done:
        for document in cell.documents:
            document.bits += document.characters * (-0.1, 0.1, 0.0)[cell.seed] * (1 if cell.column == "char" else -1)
    (only,) = scaling(whole).crossings
    assert all(d.half_width > 0.1 * math.sqrt(2 / 3) for d in only.differences)


def pairs_at_each_fraction(columns):
    """The places (pairs, fractions) of pairs of columns at one fraction among all pairs, column by column."""
    a, b = pair_indices(4 * columns)
    place = {pair: k for k, pair in enumerate(zip(a.tolist(), b.tolist(), strict=True))}
    return np.array([[place[i * 4 + f, j * 4 + f] for f in range(4)] for i, j in combinations(range(columns), 2)])


def test_p_holds_for_all_fractions_together():
    """Equal columns: the smallest p of four fractions is at most 0.2 as rarely as it should be."""
    smallest = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rates = 2 + rng.normal(size=9) / 10  # common to both
        bits = [np.full((1, 9), 1000.0) * (rates + rng.normal(size=9) / 50) for _ in range(8)]
        measured = Columns(bits, np.full(9, 1000.0), thousands=1)
        smallest.append(adjusted_p(measured, 2, pairs_at_each_fraction(2), np.random.default_rng(1)).min())
    assert 0 < sum(p <= 0.2 for p in smallest) <= 21  # 12 expected; above 21 with a chance of 0.3 %


def test_the_order_of_columns_changes_nothing_but_signs():
    whole = growing(0.2, noise=0.03)
    turned = whole.model_copy(update={"cells": sorted(whole.cells, key=lambda cell: cell.column, reverse=True)})
    (plain,), (other,) = scaling(whole).crossings, scaling(turned).crossings
    for d, e in zip(plain.differences, other.differences, strict=True):
        assert d.p == e.p
        assert d.difference == pytest.approx(-e.difference, rel=1e-9)
        assert d.half_width == pytest.approx(e.half_width, rel=1e-9)


def test_a_column_without_a_result_at_some_fraction_has_no_curve():
    whole = growing(0.2)
    cells = [cell for cell in whole.cells if (cell.column, cell.fraction) != ("char", 0.25)]
    found = scaling(whole.model_copy(update={"cells": cells}))
    assert [curve.column for curve in found.curves] == ["word:pos"]
    assert found.crossings == []
    assert scaling(example()) is None
