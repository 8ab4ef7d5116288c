"""One held-out document as statistical units: few long segments, and what their dependence adds to a variance.

Text is correlated with the text before it: what is hard in one segment is hard in the next. So the pieces that a result
has of a single document are joined to six segments, and the correlation that is left between these is estimated and
added to the variance.
"""

from collections.abc import Sequence

import numpy as np

from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.variance import residual_variance
from toolkit.events.distribution import Floats
from toolkit.results.corpus import SEGMENT
from toolkit.results.units import SEGMENTS, joined

PIECES = 20  # that a result has of a single held-out document
GREATEST_CORRELATION = 0.9


def pieces_of(of_characters: Floats) -> list[Floats]:
    """What there is of each character of a single document (characters,), by piece; these are of equal length."""
    return np.array_split(of_characters, min(PIECES, len(of_characters)))


def in_units(columns: Columns, unit: str) -> Columns:
    """The columns over what they are compared over: of a single document, which they have in pieces, its segments."""
    return segmented(columns) if unit == SEGMENT else columns


def segmented(pieces: Columns) -> Columns:
    """The columns over a document's segments, from its pieces."""
    characters, number = joined(pieces.characters), len(pieces.characters)
    rho = correlation(pieces.bits, pieces.characters)
    between = covariance(rho, number)
    sd = np.sqrt(np.diag(between))
    return Columns(
        [joined(bits) for bits in pieces.bits],
        characters,
        inflation(rho, number, characters),
        between / np.outer(sd, sd),
        pieces.thousands,
    )


def correlation(columns: Sequence[Floats], characters: Floats) -> float:
    """The lag-1 correlation between neighbouring pieces of the differences between columns, in [0, 0.9].

    One value for all pairs of columns: Σ e_i e_{i+1} / Σ e_i² over the deviations from what columns and pieces have in
    common, whose expectation in n pieces is ρ − (1 + 4ρ)/n (Kendall 1954); solved for ρ. ``columns`` are bits
    (seeds, pieces) each.
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


def covariance(correlation: float, pieces: int, segments: int = SEGMENTS) -> Floats:
    """The covariance (segments, segments) of the segments' sums of pieces with variance 1 and correlation ρ^distance.

    >>> covariance(0.5, 3, 2).tolist()
    [[3.0, 0.75], [0.75, 1.0]]
    """
    places = np.arange(pieces)
    of_pieces = correlation ** np.abs(places[:, None] - places)  # (pieces, pieces)
    return joined(joined(of_pieces, segments).T, segments)


def inflation(correlation: float, pieces: int, characters: Floats) -> float:
    """The variance of the rate if neighbouring pieces have this correlation, over what the jackknife expects.

    The jackknife takes segments for independent; exactly 1 if they are. ``characters`` (segments,).

    >>> round(inflation(0.45, 20, joined(np.ones(20))), 2)
    1.48
    """
    known, independent = (
        between.sum() / residual_variance(characters, between)
        for between in (covariance(correlation, pieces), covariance(0.0, pieces))
    )
    return float(known / independent)
