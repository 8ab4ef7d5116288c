"""The gain from more training text: a curve per column, and where, if anywhere, one column overtakes another.

Intervals and p are computed as for contrasts (statistics.py), for all pairs of columns at all fractions together. So
straight lines over the logarithm of the characters may join the intervals: if two measured differences are within their
intervals, so is every point between them. Columns may cross where the band between these lines contains zero.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.estimate import AT_ONCE, smallest_p
from toolkit.evaluation.statistics import EQUALLY_LARGE, Columns, all_pairs, pair_places
from toolkit.evaluation.units import columns_over_units
from toolkit.results.cell import Cell, mean_total
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Crossing, Difference, HeldBack, Scaling, ScalingCurve
from toolkit.results.record import grouped

LEAST_POINTS = 3  # as many as a curve has parameters
EXPONENTS = (0.01, 2.0)  # smallest and largest c

Point = tuple[float, float]  # characters of training text, a difference in bits per character


def scaling(comparison: Comparison) -> Scaling | None:
    """Return curves and crossings of the columns that have a result at every fraction; None with a single fraction."""
    characters = {facts.fraction: facts.characters for facts in comparison.corpus.fractions}
    if not characters:
        return None
    by_column = {
        name: grouped((cell for cell in comparison.done if cell.column == name), lambda cell: cell.fraction)
        for name in comparison.columns
    }
    whole = {name: cells for name, cells in by_column.items() if cells.keys() == characters.keys()}
    sizes = list(characters.values())
    curves = [fitted_curve(name, sizes, [mean_total(cells[f]) for f in characters]) for name, cells in whole.items()]
    return Scaling(
        curves=[curve for curve in curves if curve is not None], crossings=crossings(comparison, whole, characters)
    )


def crossings(
    comparison: Comparison, columns: Mapping[str, Mapping[float, list[Cell]]], characters: Mapping[float, int]
) -> list[Crossing]:
    """Return where each pair of columns crosses."""
    if len(columns) < 2:
        return []
    cells = [columns[name][fraction] for name in columns for fraction in characters]
    measured = columns_over_units(comparison, cells)
    return [crossing(list(pair), characters) for pair in _differences(measured, list(columns), list(characters))]


def _differences(measured: Columns, names: Sequence[str], fractions: Sequence[float]) -> Iterator[list[Difference]]:
    """The differences of each pair of columns at every fraction; ``measured`` has column by column its fractions."""
    a, b = np.triu_indices(len(measured.bits), 1)
    place = {pair: k for k, pair in enumerate(zip(a.tolist(), b.tolist(), strict=True))}
    columns, size = len(names), len(fractions)
    of_pairs = np.array(
        [[place[i * size + f, j * size + f] for f in range(size)] for i, j in combinations(range(columns), 2)]
    )  # (pairs of columns, fractions)
    order = np.argsort(measured.means.reshape(columns, -1).sum(axis=1), kind="stable")  # draws depend on no other
    drawn = measured.ordered(np.arange(columns * size).reshape(columns, size)[order].ravel().tolist())
    places = pair_places(order.tolist())
    critical = drawn.critical_values(np.random.default_rng(0), of_pairs.ravel().tolist())[of_pairs][places]
    p = adjusted_p(drawn, columns, of_pairs, np.random.default_rng(1))[places]
    estimates = measured.pairs.differences[of_pairs]
    halves = critical * np.sqrt(measured.pairs.variances + measured.seed_variances)[of_pairs]
    pairs = zip(combinations(names, 2), estimates.tolist(), halves.tolist(), p.tolist(), strict=True)
    for (first, second), *numbers in pairs:
        family: dict[str, Any] = {"a": first, "b": second, "over": "fraction", "family": of_pairs.size}
        yield [
            Difference(
                **family, at=fraction, difference=estimate, low=estimate - half, high=estimate + half, p=adjusted
            )
            for fraction, estimate, half, adjusted in zip(fractions, *numbers, strict=True)
        ]


def adjusted_p(
    measured: Columns, columns: int, chosen: npt.NDArray[np.intp], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return p of each pair of columns at each fraction (pairs of columns, fractions), adjusted for all of them.

    ``chosen``, of that shape, is the place of each of these pairs among all pairs. Within each document the columns
    change places, at all fractions alike. p is the share of permutations whose largest |t| of all pairs and fractions
    reaches the measured one (Westfall & Young 1993, the single-step maximum).
    """
    documents, fractions = len(measured.characters), chosen.shape[1]
    rows = np.arange(columns * fractions).reshape(columns, fractions)
    least = EQUALLY_LARGE * measured.t[chosen]
    count = np.zeros(chosen.shape)
    for _ in range(measured.thousands):
        turned = rng.random((AT_ONCE, columns, documents)).argsort(axis=1)
        order = rows[turned].transpose(0, 1, 3, 2).reshape(AT_ONCE, columns * fractions, documents)
        drawn = measured.with_seeds(all_pairs(measured.means[order, np.arange(documents)], measured.characters), rng)
        count += (drawn[:, chosen].max(axis=(1, 2))[:, None, None] >= least).sum(axis=0)
    p: npt.NDArray[np.float64] = (1 + count) / (1 + measured.thousands * AT_ONCE)
    return np.maximum(p, smallest_p(documents, columns))


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


def fitted_curve(column: str, characters: Sequence[float], bits: Sequence[float]) -> ScalingCurve | None:
    """Fit L(n) = a + b · n^(−c) by least squares to bits (points,) at ascending characters (points,).

    No amount of such text removes a (Hestness et al. 2017, "Deep Learning Scaling is Predictable, Empirically"). For
    each c, a and b solve a linear problem without negative numbers (NNLS), so one number remains to search.
    ``held_back`` predicts the last point from the earlier ones. None with fewer than three points.
    """
    from scipy.optimize import minimize_scalar, nnls  # loads for a quarter of a second; few processes need it

    if len(characters) < LEAST_POINTS:
        return None
    n, measured = np.asarray(characters, float), np.asarray(bits, float)
    scale = n[-1]  # makes factors as large as bits

    def solved(exponent: float) -> tuple[np.ndarray, float]:
        numbers, residual = nnls(np.stack([np.ones(len(n)), (n / scale) ** -exponent], axis=1), measured)
        return numbers, float(residual)

    grid = np.geomspace(*EXPONENTS, 60)
    best = int(np.argmin([solved(c)[1] for c in grid]))
    around = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    exponent = float(minimize_scalar(lambda c: solved(c)[1], bounds=around, method="bounded").x)
    offset, factor = solved(exponent)[0].tolist()
    earlier = fitted_curve(column, characters[:-1], bits[:-1])
    held_back = earlier and HeldBack(predicted=earlier.at(characters[-1]), measured=bits[-1])
    return ScalingCurve(
        column=column, offset=offset, factor=factor * scale**exponent, exponent=exponent, held_back=held_back
    )
