"""An estimated difference between two columns, and how many more documents or seeds would make it significant."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.results.text import ALPHA

THOUSANDS, AT_ONCE = 10, 1_000  # thousands of draws; a thousand is computed together, to bound memory
RESOLUTION = 1 / (1 + THOUSANDS * AT_ONCE)  # the smallest p of drawn permutations
# 2^13 sign flips are enumerated; with more documents or columns, permutations are drawn.
ENUMERATED_DOCUMENTS = 13
POWER = 0.8  # probability of detecting the smallest detectable difference
SAFE_SMALLEST_P = 0.01  # a smallest p that still decides where not all documents agree
MOST_UNITS = 1_000_000  # documents or seeds; above it, no number is given

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """Column a minus column b in bits per character.

    Half of the interval is ``critical`` standard errors. The intervals of all pairs of ``columns`` hold together in
    95 % of comparisons, and ``p`` is adjusted for all pairs. ``seeds`` are the numbers of seeds of a and b. ``fewer``
    is the number of documents that need fewer bits under the column with the lower total.
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
        """The number of pairs of columns."""
        return math.comb(self.columns, 2)

    @property
    def standard_error(self) -> float:
        """The square root of the sum of both variances."""
        return math.sqrt(self.document_variance + self.seed_variance)

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval."""
        return self.critical * self.standard_error

    @property
    def smallest_detectable(self) -> float:
        """(critical value + t_0.8) · SE: about the true difference whose interval excludes 0 with 80 % power."""
        return (self.critical + t_quantile(POWER, self.documents - 1)) * self.standard_error

    @property
    def excludes_zero(self) -> bool:
        """Whether the 95 % interval excludes 0."""
        return abs(self.estimate) > self.half_width


def t_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Return the quantile of Student's t."""
    return float(t_quantiles(probability, np.asarray(degrees_of_freedom)))


def t_quantiles(probability: float, degrees_of_freedom: Numbers | Floats) -> Floats:
    """Return the quantile of Student's t for each number of degrees of freedom (n,)."""
    from scipy.special import stdtrit  # takes a quarter of a second, which workers can do without

    quantiles: Floats = stdtrit(degrees_of_freedom, probability)
    return quantiles


def smallest_p(documents: int, columns: int) -> float:
    """Return the smallest p that permutations of columns within documents can give.

    The same exchange in every document keeps the largest |t|: K!^(1−D). Drawn permutations give at least 1/(1 + draws).
    """
    enumerable = columns == 2 and documents <= ENUMERATED_DOCUMENTS
    return max(float(math.factorial(columns)) ** (1 - documents), 0.0 if enumerable else RESOLUTION)


def permutations_needed(columns: int, level: float = ALPHA) -> int:
    """Return the fewest documents whose p can be at most ``level``."""
    return next(documents for documents in range(2, 10) if smallest_p(documents, columns) <= level)


def documents_needed(estimate: Estimate) -> int | None:
    """Return the number of documents that would decide with 80 % power; None above a million.

    The estimate is assumed to be the true difference. Its critical value is assumed to fall with the number of
    documents as Bonferroni's t does.
    """
    documents, level = estimate.documents, 1 - ALPHA / 2 / estimate.contrasts
    numbers = _numbers_above(documents)
    wider = estimate.critical / t_quantile(level, documents - 1)
    errors = wider * t_quantiles(level, numbers - 1) + t_quantiles(POWER, numbers - 1)
    variances = estimate.document_variance * documents / numbers + estimate.seed_variance
    return _first_deciding(estimate.estimate, numbers, errors, variances)


def seeds_needed(estimate: Estimate) -> int | None:
    """Return the number of seeds of each column that would decide with 80 % power, as ``documents_needed`` does.

    The critical value falls at most to Bonferroni's t of the documents. None with one seed or without seed variance.
    """
    seeds, level = min(estimate.seeds), 1 - ALPHA / 2 / estimate.contrasts
    if seeds == 1 or estimate.seed_variance == 0:
        return None
    numbers = _numbers_above(seeds)
    wider = estimate.critical / t_quantile(level, estimate.columns * (seeds - 1))
    falling = wider * t_quantiles(level, estimate.columns * (numbers - 1))
    critical = np.minimum(estimate.critical, np.maximum(t_quantile(level, estimate.documents - 1), falling))
    errors = critical + t_quantile(POWER, estimate.documents - 1)
    variances = estimate.seed_variance * seeds / numbers + estimate.document_variance
    return _first_deciding(estimate.estimate, numbers, errors, variances)


def _numbers_above(least: int) -> Numbers:
    """All of the next 300, then numbers that are 3 % apart, up to a million."""
    near = np.arange(least + 1, least + 300)
    return np.concatenate([near, np.geomspace(least + 300, MOST_UNITS, 300).astype(np.int64)])


def _first_deciding(difference: float, numbers: Numbers, errors: Floats, variances: Floats) -> int | None:
    """The first number with errors² · variance ≤ difference²; errors include the quantile for 80 % power."""
    enough = errors**2 * variances <= difference**2
    return int(numbers[enough][0]) if difference and enough.any() else None
