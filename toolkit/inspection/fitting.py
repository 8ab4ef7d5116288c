"""Least squares on logarithms, for the laws of Zipf and Heaps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

POINTS = 60  # log-spaced, so that each decade has the same weight; as many as a chart can show


class PowerLaw(NamedTuple):
    """y = constant · x^exponent, and the share of the variance of log y that it explains."""

    constant: float
    exponent: float
    r_squared: float


def log_spaced(first: int, last: int) -> list[int]:
    """At most ``POINTS`` whole numbers from first to last, evenly spaced on a log scale.

    >>> log_spaced(1, 5)
    [1, 2, 3, 4, 5]
    """
    return [int(x) for x in np.unique(np.geomspace(first, last, POINTS).round().astype(int))]


def power_law(points: Sequence[tuple[float, float]]) -> PowerLaw:
    """The power law through points (x, y), by least squares of log y.

    >>> law = power_law([(x, 3 * x**0.5) for x in range(1, 20)])
    >>> round(law.constant, 9), round(law.exponent, 9), round(law.r_squared, 9)
    (3.0, 0.5, 1.0)
    """
    x, y = np.log(np.array(points, float)).T  # (points,)
    exponent, constant = np.polyfit(x, y, 1)
    rest = ((y - constant - exponent * x) ** 2).sum()
    whole = ((y - y.mean()) ** 2).sum()
    return PowerLaw(float(np.exp(constant)), float(exponent), float(1 - rest / whole) if whole else 1.0)


def end_exponent(points: Sequence[tuple[float, float]]) -> float:
    """d log y / d log x at the last point, of the parabola through log x and log y.

    >>> round(end_exponent([(x, 3 * x**0.5) for x in range(1, 20)]), 9)
    0.5
    """
    x, y = np.log(np.array(points, float)).T
    return float(np.polyfit(x - x[-1], y, 2)[1])
