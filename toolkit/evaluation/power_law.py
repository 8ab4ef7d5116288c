"""A power law with an offset, L(n) = a + b · n^(−c), fitted to measured points.

The form is that of learning curves of language models in Hestness et al. (2017, "Deep Learning Scaling is Predictable,
Empirically"): a is what no amount of such text takes away.
"""

from collections.abc import Sequence

import numpy as np

from toolkit.results.conclusions import HeldBack, ScalingCurve

LEAST = 3  # points that determine the three numbers
EXPONENTS = (0.01, 2.0)  # searched between these


def fitted_curve(column: str, characters: Sequence[float], bits: Sequence[float]) -> ScalingCurve | None:
    """The curve with the least squares through bits (points,) at characters (points,), in ascending order.

    For each exponent, offset and factor are a linear problem with neither below zero (NNLS), so that one number is left
    to search. Its ``held_back`` is how the last point would have been predicted from the others. None with fewer than
    three points.
    """
    from scipy.optimize import minimize_scalar, nnls  # a quarter of a second, which most processes can do without

    if len(characters) < LEAST:
        return None
    n, measured = np.asarray(characters, float), np.asarray(bits, float)
    scale = n[-1]  # so that factors are of the size of bits

    def solved(exponent: float) -> tuple[np.ndarray, float]:
        matrix = np.stack([np.ones(len(n)), (n / scale) ** -exponent], axis=1)
        numbers, off = nnls(matrix, measured)
        return numbers, float(off)

    grid = np.geomspace(*EXPONENTS, 60)
    best = int(np.argmin([solved(c)[1] for c in grid]))
    around = grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)]
    exponent = float(minimize_scalar(lambda c: solved(c)[1], bounds=around, method="bounded").x)
    offset, factor = solved(exponent)[0].tolist()
    return ScalingCurve(
        column=column,
        offset=offset,
        factor=factor * scale**exponent,
        exponent=exponent,
        held_back=held_back(column, characters, bits),
    )


def held_back(column: str, characters: Sequence[float], bits: Sequence[float]) -> HeldBack | None:
    """The last point, measured and as a curve through the others has it; None if they are too few for a curve."""
    others = fitted_curve(column, characters[:-1], bits[:-1])
    return None if others is None else HeldBack(predicted=others.at(characters[-1]), measured=bits[-1])
