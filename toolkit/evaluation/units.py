"""Columns over the statistical units of a comparison: the held-out documents, or six segments of a single one.

A piece of text is correlated with the piece before it. So the pieces of a single document are joined to six segments,
and the correlation between segments is estimated and added to the variance.
"""

from collections.abc import Sequence

import numpy as np

from toolkit.evaluation.statistics import Columns, residual_variance
from toolkit.events.distribution import Floats
from toolkit.results.cell import Cell, Row
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import SEGMENT
from toolkit.results.units import SEGMENTS, joined, units

PIECES = 20  # of a single held-out document
GREATEST_CORRELATION = 0.9


def columns_over_units(comparison: Comparison, columns: Sequence[Sequence[Cell | Row]]) -> Columns:
    """Return columns, each given by its cells or rows, over the units of the comparison.

    A row counts as often as it has seeds.
    """
    bits = []
    for cells in columns:
        repeats = [1 if isinstance(cell, Cell) else len(cell.seeds) for cell in cells]
        of_cells = [[unit.bits for unit in units(cell.documents)] for cell in cells]  # (cells, units or pieces)
        bits.append(np.repeat(of_cells, repeats, axis=0))
    characters = [unit.characters for unit in units(columns[0][0].documents)]  # which all columns share
    return in_units(Columns(bits, np.array(characters, float)), comparison.unit)


def pieces_of(per_character: Floats) -> list[Floats]:
    """Cut the numbers of each character of a single document (characters,) into pieces of equal length."""
    return np.array_split(per_character, min(PIECES, len(per_character)))


def in_units(columns: Columns, unit: str) -> Columns:
    """Return columns over units of this name: pieces of a single document are joined to segments.

    The inflation is the variance of the rate under the estimated correlation, divided by its expectation under the
    jackknife, which assumes independent segments. It is exactly 1 without correlation.
    """
    if unit != SEGMENT:
        return columns
    characters, pieces = joined(columns.characters), len(columns.characters)
    correlated, independent = (
        _covariance(rho, pieces) for rho in (correlation(columns.bits, columns.characters), 0.0)
    )
    variances = [matrix.sum() / residual_variance(characters, matrix) for matrix in (correlated, independent)]
    sd = np.sqrt(np.diag(correlated))
    bits = [joined(of_column) for of_column in columns.bits]
    inflation = float(variances[0] / variances[1])
    return Columns(bits, characters, inflation, correlated / np.outer(sd, sd), columns.thousands)


def correlation(columns: Sequence[Floats], characters: Floats) -> float:
    """Estimate the lag-1 correlation, in [0, 0.9], between neighbouring pieces of the differences between columns.

    All pairs of columns, each bits (seeds, pieces), share one value. Let e be the deviations from the means of columns
    and of pieces. In n pieces, Σ e_i e_{i+1} / Σ e_i² has the expectation ρ − (1 + 4ρ)/n (Kendall 1954), solved for ρ.
    """
    n = len(characters)
    means = np.stack([bits.mean(axis=0) for bits in columns]) / characters  # (columns, pieces)
    deviations = means - means.mean(axis=0)
    deviations -= deviations.mean(axis=1, keepdims=True)
    squares = float((deviations**2).sum())
    if n <= SEGMENTS or squares == 0:  # nothing to join, or nothing to correlate
        return 0.0
    observed = float((deviations[:, 1:] * deviations[:, :-1]).sum()) / squares
    return min(max(0.0, (observed + 1 / n) / (1 - 4 / n)), GREATEST_CORRELATION)


def _covariance(correlation: float, pieces: int) -> Floats:
    """The covariance (segments, segments) of segments of pieces with variance 1 and correlation ρ^distance."""
    places = np.arange(pieces)
    of_pieces = correlation ** np.abs(places[:, None] - places)  # (pieces, pieces)
    return joined(joined(of_pieces).T)
