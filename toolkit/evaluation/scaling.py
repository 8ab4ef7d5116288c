"""The gain from more training text: the differences between columns at each fraction of it.

Intervals and p are computed as for contrasts (statistics.py), for all pairs of columns at all fractions together.
"""

from itertools import combinations, product

import numpy as np

from toolkit.evaluation.estimate import smallest_p
from toolkit.evaluation.statistics import EQUALLY_LARGE, Columns, Places, pair_places, pair_table
from toolkit.evaluation.units import columns_over_units
from toolkit.events.distribution import Floats
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Difference
from toolkit.results.record import grouped


def fraction_differences(comparison: Comparison) -> list[Difference]:
    """Return the differences of all pairs of columns at each fraction, if they have a result at every fraction."""
    fractions = [facts.fraction for facts in comparison.corpus.fractions]
    by_column = {
        name: grouped((cell for cell in comparison.done if cell.column == name), lambda cell: cell.fraction)
        for name in comparison.columns
    }
    columns = {name: cells for name, cells in by_column.items() if cells.keys() == set(fractions)}
    if len(columns) < 2:
        return []
    measured = columns_over_units(comparison, [cells[fraction] for cells in columns.values() for fraction in fractions])
    rows = np.arange(len(measured.bits)).reshape(len(columns), -1)  # (columns, fractions)
    order = np.argsort(measured.means.reshape(len(columns), -1).sum(axis=1), kind="stable")
    ordered = measured.ordered(rows[order].ravel().tolist())  # so the order of columns changes no draw
    places, positions = pairs_at_each_fraction(*rows.shape), pair_places(order.tolist())
    critical = ordered.critical_values(np.random.default_rng(0), places.ravel().tolist())[places][positions]
    p = adjusted_p(ordered, len(columns), np.random.default_rng(1))[positions]
    estimates = measured.pairs.differences[places]
    halves = critical * np.sqrt(measured.pairs.variances + measured.seed_variances)[places]
    numbers = np.stack([estimates, estimates - halves, estimates + halves, p], axis=-1).reshape(-1, 4).tolist()
    return [
        Difference(
            a=a, b=b, over="fraction", at=at, difference=difference, low=low, high=high, p=adjusted, family=p.size
        )
        for ((a, b), at), (difference, low, high, adjusted) in zip(
            product(combinations(columns, 2), fractions), numbers, strict=True
        )
    ]


def pairs_at_each_fraction(columns: int, fractions: int) -> Places:
    """Return the place, among all pairs, of each pair of columns at each fraction (pairs of columns, fractions)."""
    (a, b), at = np.triu_indices(columns, 1), np.arange(fractions)
    places: Places = pair_table(columns * fractions)[a[:, None] * fractions + at, b[:, None] * fractions + at]
    return places


def adjusted_p(measured: Columns, columns: int, rng: np.random.Generator) -> Floats:
    """Return p of each pair of columns at each fraction (pairs of columns, fractions), adjusted for all of them.

    ``measured`` has column by column its fractions. Within each document the columns change places, at all fractions
    alike. p is the share of permutations whose largest |t| of all pairs and fractions reaches the measured one
    (Westfall & Young 1993, the single-step maximum).
    """
    rows = np.arange(len(measured.bits)).reshape(columns, -1)
    places = pairs_at_each_fraction(*rows.shape)
    least = EQUALLY_LARGE * measured.t[places]
    largest = np.concatenate([t[:, places].max(axis=(1, 2)) for t in measured.permuted([rows], rng)])  # (draws,)
    p: Floats = (1 + (largest[:, None, None] >= least).sum(axis=0)) / (1 + len(largest))
    return np.maximum(p, smallest_p(len(measured.characters), columns))
