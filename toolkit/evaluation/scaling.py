"""The gain from more training text: where, if anywhere, one column overtakes another.

Intervals and p are computed as for contrasts (statistics.py), for all pairs of columns at all fractions together. So
straight lines over the logarithm of the characters may join the intervals: if two measured differences are within their
intervals, so is every point between them. Columns may cross where the band between these lines contains zero.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

import numpy as np

from toolkit.evaluation.estimate import smallest_p
from toolkit.evaluation.statistics import EQUALLY_LARGE, Columns, Places, pair_places, pair_table
from toolkit.evaluation.units import columns_over_units
from toolkit.events.distribution import Floats
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Crossing, Difference
from toolkit.results.record import grouped

Point = tuple[float, float]  # characters of training text, a difference in bits per character


def crossings(comparison: Comparison) -> list[Crossing]:
    """Return where each pair of columns crosses, of those that have a result at every fraction."""
    characters = {facts.fraction: facts.characters for facts in comparison.corpus.fractions}
    by_column = {
        name: grouped((cell for cell in comparison.done if cell.column == name), lambda cell: cell.fraction)
        for name in comparison.columns
    }
    columns = {name: cells for name, cells in by_column.items() if cells.keys() == characters.keys()}
    if len(columns) < 2:
        return []
    names, fractions = list(columns), list(characters)
    measured = columns_over_units(comparison, [columns[name][fraction] for name in names for fraction in fractions])
    rows = np.arange(len(measured.bits)).reshape(len(names), -1)  # (columns, fractions)
    order = np.argsort(measured.means.reshape(len(names), -1).sum(axis=1), kind="stable")
    ordered = measured.ordered(rows[order].ravel().tolist())  # so the order of columns changes no draw
    places, positions = pairs_at_each_fraction(*rows.shape), pair_places(order.tolist())
    critical = ordered.critical_values(np.random.default_rng(0), places.ravel().tolist())[places][positions]
    p = adjusted_p(ordered, len(names), np.random.default_rng(1))[positions]
    estimates = measured.pairs.differences[places]
    halves = critical * np.sqrt(measured.pairs.variances + measured.seed_variances)[places]
    numbers = np.stack([estimates, estimates - halves, estimates + halves, p], axis=-1).tolist()
    records = []
    for (a, b), of_pair in zip(combinations(names, 2), numbers, strict=True):
        differences = [
            Difference(
                a=a, b=b, over="fraction", at=at, difference=difference, low=low, high=high, p=adjusted, family=p.size
            )
            for at, (difference, low, high, adjusted) in zip(fractions, of_pair, strict=True)
        ]
        records.append(crossing(differences, characters))
    return records


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


def crossing(differences: list[Difference], characters: Mapping[float, int]) -> Crossing:
    """Return where a pair crosses: between two neighbouring significant differences of opposite sign.

    Without such a place, or with several, the pair does not cross once.
    """
    a, b = differences[0].a, str(differences[0].b)
    decided = [(k, math.copysign(1, d.difference)) for k, d in enumerate(differences) if d.significant]
    turns = [(k, m) for (k, sign), (m, other) in pairwise(decided) if sign != other]
    if len(turns) != 1:
        return Crossing(a=a, b=b, differences=differences)
    start, end = turns[0]
    between = [(characters[float(d.at or 0)], d) for d in differences[start : end + 1]]
    (at, *_) = zeros([(n, d.difference) for n, d in between])
    edges = zeros([(n, d.low) for n, d in between]), zeros([(n, d.high) for n, d in between])
    return Crossing(a=a, b=b, differences=differences, at=at, low=min(map(min, edges)), high=max(map(max, edges)))


def zeros(line: Sequence[Point]) -> list[float]:
    """Return where a line crosses zero that is straight between points over the logarithm of the characters.

    >>> [round(n) for n in zeros([(100, 1.0), (10_000, -1.0), (20_000, -0.5)])]
    [1000]
    """
    places = []
    for (n, start), (m, end) in pairwise(line):
        if start != 0 and start * end <= 0:
            share = start / (start - end)
            places.append(math.exp((1 - share) * math.log(n) + share * math.log(m)))
    return places
