"""How many more documents or seeds would tell two columns apart, if their true difference is the estimate."""

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from toolkit.evaluation.difference import POWER, Difference, t_quantile
from toolkit.evaluation.statistics import smallest_p
from toolkit.events.distribution import Floats
from toolkit.results.text import ALPHA

WITH_ROOM = 0.01  # what p must be able to be, so that columns are told apart also where documents do not all agree
MOST = 1_000_000  # documents or seeds: beyond that, no number is given


def permutations_needed(columns: int, level: float = ALPHA) -> int:
    """The fewest documents in which p can be at most this.

    >>> permutations_needed(2), permutations_needed(9), permutations_needed(2, WITH_ROOM)
    (6, 2, 8)
    """
    return next(documents for documents in range(2, 10) if smallest_p(documents, columns) <= level)


def documents_needed(difference: Difference) -> int | None:
    """About how many documents would show a true difference as large as the estimate, with these seeds.

    The critical value is taken to fall with their number as Bonferroni's t does. None if the seeds alone hide it, or
    above a million.
    """
    documents, level = difference.documents, 1 - ALPHA / 2 / difference.contrasts
    numbers = more_than(documents)
    wider = difference.critical / t_quantile(level, documents - 1)
    factors = wider * stdtrit(numbers - 1, level) + stdtrit(numbers - 1, POWER)
    variance_of_one = difference.document_variance * documents
    return first_enough(difference.estimate, numbers, factors, variance_of_one, difference.seed_variance)


def seeds_needed(difference: Difference) -> int | None:
    """About how many seeds of each column would show a true difference as large as the estimate, with these documents.

    The critical value is taken to fall with their number as Bonferroni's t does, down to that of the documents. None if
    the documents alone hide it, if a column has one seed, if the seeds make no difference, or above a million.
    """
    seeds = min(difference.seeds)
    if seeds == 1 or difference.seed_variance == 0:
        return None
    numbers, level = more_than(seeds), 1 - ALPHA / 2 / difference.contrasts
    free, of_documents = difference.columns * (seeds - 1), t_quantile(level, difference.documents - 1)
    falling = difference.critical / t_quantile(level, free) * stdtrit(difference.columns * (numbers - 1), level)
    critical = np.minimum(difference.critical, np.maximum(of_documents, falling))
    factors = critical + t_quantile(POWER, difference.documents - 1)
    variance_of_one = difference.seed_variance * seeds
    return first_enough(difference.estimate, numbers, factors, variance_of_one, difference.document_variance)


def more_than(have: int) -> npt.NDArray[np.int64]:
    """Whole numbers above ``have``, up to a million; above 300, only some, 3 % apart."""
    near = np.arange(have + 1, have + 300)
    return np.concatenate([near, np.geomspace(have + 300, MOST, 300).astype(np.int64)])


def first_enough(
    estimate: float,
    numbers: npt.NDArray[np.int64],
    factors: Floats,
    variance_of_one: float,
    other_variance: float,
) -> int | None:
    """The first of the numbers n with factor² · (variance_of_one / n + other_variance) ≤ estimate²; None if none has.

    A factor is the critical value, in standard errors, plus the quantile that gives 80 % power.

    >>> first_enough(0.1, np.arange(10, 90), np.full(80, 2.8), 0.09, 0.0)
    71
    """
    enough = factors**2 * (variance_of_one / numbers + other_variance) <= estimate**2
    return int(numbers[enough][0]) if estimate and enough.any() else None
