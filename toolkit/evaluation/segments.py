"""One held-out document as statistical units: few long segments, and what their dependence adds to a variance.

Text is correlated with the text before it: what is hard in one segment is hard in the next. So the pieces that a result
has of a single document are joined to six segments, and the correlation that is left between these is estimated and
added to the variance.
"""

from collections.abc import Sequence

import numpy as np

from toolkit.evaluation.statistics import Columns
from toolkit.events.distribution import Floats

PIECES = 20  # that a result has of a single held-out document
SEGMENTS = 6  # the fewest with which two columns can be told apart: 2^(1−6) < 0.05
GREATEST_CORRELATION = 0.9


def segmented(pieces: Columns) -> Columns:
    """The columns over a document's segments, from its pieces."""
    of_characters = pieces.characters
    return Columns(
        [joined(bits) for bits in pieces.bits],
        joined(of_characters),
        inflation(correlation(pieces.bits, of_characters), len(of_characters)),
        pieces.thousands,
    )


def joined(pieces: Floats, segments: int = SEGMENTS) -> Floats:
    """Sums over neighbouring pieces (..., pieces) that make up a segment (..., segments).

    >>> joined(np.array([1, 2, 3, 4, 5]), 2).tolist()
    [6, 9]
    """
    groups = np.array_split(np.arange(pieces.shape[-1]), min(segments, pieces.shape[-1]))
    return np.stack([pieces[..., group].sum(axis=-1) for group in groups], axis=-1)


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


def inflation(correlation: float, pieces: int, segments: int = SEGMENTS) -> float:
    """The variance of the mean of ``pieces`` whose correlation is ρ^distance, over what independent segments suggest.

    Independent segments' estimate is Σ (e_s − mean)² of the segments' sums over their number and that less one.

    >>> inflation(0.0, 20), round(inflation(0.45, 20), 2)
    (1.0, 1.48)
    """
    places = np.arange(pieces)
    covariance = correlation ** np.abs(places[:, None] - places)  # (pieces, pieces)
    sizes = joined(np.ones(pieces), segments)
    between = joined(joined(covariance, segments).T, segments)  # (segments, segments)
    shares = sizes / pieces
    residual = np.diag(between) - 2 * shares * between.sum(axis=1) + shares**2 * between.sum()
    weights = (len(sizes) - 1) / len(sizes) / (pieces - sizes) ** 2
    independent = sizes - 2 * shares * sizes + shares**2 * pieces  # residual variances if ρ = 0
    bias = pieces / pieces**2 / float((weights * independent).sum())
    return float(between.sum() / pieces**2 / (weights * residual).sum() / bias)
