"""Where columns cross, as their training text grows."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from tests.report.comparison_example import comparison, interval
from toolkit.evaluation.scaling import adjusted_p, crossing, crossings
from toolkit.evaluation.statistics import Columns

FRACTIONS = {0.1: 100_000, 0.25: 250_000, 0.5: 500_000, 1.0: 1_000_000}


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


def test_a_planted_crossing_is_inside_its_interval():
    """The lines meet where 4 · gap · log10(f / 0.1) = gap: a quarter of a decade above the smallest fraction."""
    whole = growing(0.2)
    (only,) = crossings(whole)
    assert (only.a, only.b, only.winners[-1]) == ("char", "word:pos", "word:pos")
    assert only.low < 100_000 * 10**0.25 < only.high
    assert [(d.over, d.family, d.at) for d in only.differences] == [("fraction", 4, at) for at in FRACTIONS]
    whole.cells = [cell for cell in whole.cells if (cell.column, cell.fraction) != ("char", 0.25)]
    assert (crossings(whole), crossings(comparison())) == ([], [])  # one column has every fraction


def test_too_few_documents_show_no_crossing_and_seeds_widen_intervals():
    """With five documents exchanging two columns cannot give p below 0.0625, however narrow the intervals are."""
    (few,) = crossings(growing(0.2, documents=5))
    assert (few.at, few.winners) == (None, [])
    (scattered,) = crossings(growing(0.02, noise=0.0, seeds=(-0.1, 0.1, 0.0)))  # documents are alike
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
    (plain,), (other,) = crossings(whole), crossings(turned)
    for d, e in zip(plain.differences, other.differences, strict=True):
        assert d.p == e.p
        assert (d.difference, d.half_width) == pytest.approx((-e.difference, e.half_width), rel=1e-9)
