"""The differences of columns as their training text grows."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from tests.report.comparison_example import comparison
from toolkit.evaluation.contrasts import adjusted_p, fraction_differences
from toolkit.evaluation.statistics import Columns

FRACTIONS = {0.1: 100_000, 0.25: 250_000, 0.5: 500_000, 1.0: 1_000_000}


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
    whole.corpus.fractions = [
        SimpleNamespace(fraction=fraction, characters=n) for fraction, n in FRACTIONS.items()
    ]
    return whole.model_copy(update={"cells": cells, "rows": []})


def test_a_planted_crossing_is_seen_in_the_signs():
    """The lines meet where 4 · gap · log10(f / 0.1) = gap: a quarter of a decade above the smallest fraction."""
    whole = growing(0.2)
    differences = fraction_differences(whole)
    assert [(d.a, d.b, d.over, d.family, d.at) for d in differences] == [
        ("char", "word:pos", "fraction", 4, at) for at in FRACTIONS
    ]
    assert [d.ranked[0] for d in differences if d.significant] == ["char", "word:pos", "word:pos", "word:pos"]
    whole.cells = [cell for cell in whole.cells if (cell.column, cell.fraction) != ("char", 0.25)]
    assert (
        fraction_differences(whole) == fraction_differences(comparison()) == []
    )  # one column has every fraction


def test_too_few_documents_show_no_difference_and_seeds_widen_intervals():
    """With five documents exchanging two columns cannot give p below 0.0625, however narrow the intervals are."""
    assert not any(d.significant for d in fraction_differences(growing(0.2, documents=5)))
    scattered = fraction_differences(growing(0.02, noise=0.0, seeds=(-0.1, 0.1, 0.0)))  # documents are alike
    assert all(d.half_width > 0.1 * math.sqrt(2 / 3) for d in scattered)


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
    for d, e in zip(fraction_differences(whole), fraction_differences(turned), strict=True):
        assert d.p == e.p
        assert (d.difference, d.half_width) == pytest.approx((-e.difference, e.half_width), rel=1e-9)
