"""A difference between two columns, with its interval and p, and when it is told apart from none."""

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from toolkit.results.text import ALPHA

POWER = 0.8


@dataclass(frozen=True)
class Difference:
    """Column a minus column b in bits per character.

    ``document_variance`` and ``seed_variance`` are what each adds to the variance of the estimate; ``critical`` times
    the standard error is half the interval. All pairs of ``columns`` are read together: their intervals all contain the
    truth in 95 % of comparisons, and ``p`` is adjusted for all of them. ``fewer`` counts the documents in which the
    column with fewer bits in all has fewer bits.
    """

    estimate: float
    document_variance: float
    seed_variance: float
    critical: float
    documents: int
    seeds: tuple[int, int]
    columns: int = 2
    p: float = 1.0
    fewer: int = 0

    @property
    def contrasts(self) -> int:
        """How many pairs of columns are read together."""
        return math.comb(self.columns, 2)

    @property
    def standard_error(self) -> float:
        """The square root of the sum of both variances."""
        return math.sqrt(self.document_variance + self.seed_variance)

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval: the critical value times SE."""
        return self.critical * self.standard_error

    @property
    def smallest_detectable(self) -> float:
        """(critical value + t_0.8) · SE: about the true difference whose interval excludes 0 with 80 % power."""
        return (self.critical + t_quantile(POWER, self.documents - 1)) * self.standard_error

    @property
    def excludes_zero(self) -> bool:
        """Whether the 95 % interval excludes 0."""
        return abs(self.estimate) > self.half_width

    @property
    def decided(self) -> bool:
        """Whether the interval excludes 0 and p is at most 0.05."""
        return self.excludes_zero and self.p <= ALPHA


def t_quantile(probability: float, degrees_of_freedom: float) -> float:
    """The quantile of Student's t.

    >>> round(t_quantile(0.975, 8), 3)
    2.306
    """
    return float(stdtrit(degrees_of_freedom, probability))
