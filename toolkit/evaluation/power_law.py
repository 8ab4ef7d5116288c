"""Learning curves L(n) = a + b · n^(−c), fitted to measured points; no amount of such text removes a.

Source of the form: Hestness et al. (2017), "Deep Learning Scaling is Predictable, Empirically".
"""

from collections.abc import Sequence

import numpy as np

from toolkit.results.conclusions import HeldBack, ScalingCurve

LEAST_POINTS = 3  # as many as the curve has parameters
EXPONENTS = (0.01, 2.0)  # smallest and largest c


def fitted_curve(column: str, characters: Sequence[float], bits: Sequence[float]) -> ScalingCurve | None:
    """Fit a curve by least squares to bits (points,) at ascending characters (points,).

    For each exponent, offset and factor solve a linear problem without negative numbers (NNLS), so one number remains
    to search. ``held_back`` predicts the last point from the earlier ones. None with fewer than three points.
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
