"""How many more documents or seeds would decide between two columns, if the estimate is their true difference."""

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from toolkit.evaluation.statistics import POWER, Estimate, smallest_p, t_quantile
from toolkit.events.distribution import Floats
from toolkit.results.text import ALPHA

WITH_ROOM = 0.01  # a smallest p that still decides where not all documents agree
MOST_UNITS = 1_000_000  # documents or seeds; above it, no number is given

Numbers = npt.NDArray[np.int64]


def permutations_needed(columns: int, level: float = ALPHA) -> int:
    """Return the fewest documents whose p can be at most ``level``.

    >>> permutations_needed(2), permutations_needed(9), permutations_needed(2, WITH_ROOM)
    (6, 2, 8)
    """
    return next(documents for documents in range(2, 10) if smallest_p(documents, columns) <= level)


def documents_needed(estimate: Estimate) -> int | None:
    """Return the number of documents that would decide with 80 % power; None above a million.

    The critical value is assumed to fall with the number of documents as Bonferroni's t does.
    """
    documents, level = estimate.documents, 1 - ALPHA / 2 / estimate.contrasts
    numbers = numbers_above(documents)
    wider = estimate.critical / t_quantile(level, documents - 1)
    errors = wider * stdtrit(numbers - 1, level) + stdtrit(numbers - 1, POWER)
    variances = estimate.document_variance * documents / numbers + estimate.seed_variance
    return first_deciding(estimate.estimate, numbers, errors, variances)


def seeds_needed(estimate: Estimate) -> int | None:
    """Return the number of seeds of each column that would decide with 80 % power.

    The critical value is assumed to fall with the number of seeds as Bonferroni's t does, down to the critical value of
    the documents. None if a column has one seed, if seeds have no variance, or above a million.
    """
    seeds, level = min(estimate.seeds), 1 - ALPHA / 2 / estimate.contrasts
    if seeds == 1 or estimate.seed_variance == 0:
        return None
    numbers = numbers_above(seeds)
    wider = estimate.critical / t_quantile(level, estimate.columns * (seeds - 1))
    falling = wider * stdtrit(estimate.columns * (numbers - 1), level)
    critical = np.minimum(estimate.critical, np.maximum(t_quantile(level, estimate.documents - 1), falling))
    errors = critical + t_quantile(POWER, estimate.documents - 1)
    variances = estimate.seed_variance * seeds / numbers + estimate.document_variance
    return first_deciding(estimate.estimate, numbers, errors, variances)


def numbers_above(least: int) -> Numbers:
    """Return whole numbers above ``least``, up to a million; the later ones are 3 % apart."""
    near = np.arange(least + 1, least + 300)
    return np.concatenate([near, np.geomspace(least + 300, MOST_UNITS, 300).astype(np.int64)])


def first_deciding(difference: float, numbers: Numbers, errors: Floats, variances: Floats) -> int | None:
    """Return the first number with errors² · variance ≤ difference²; errors include the quantile for 80 % power."""
    enough = errors**2 * variances <= difference**2
    return int(numbers[enough][0]) if difference and enough.any() else None
