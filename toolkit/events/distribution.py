"""The probability of an event, defined once for both scoring and coding.

An event is drawn from a distribution that is a function of the run and of the events before it in the same
document. There are two kinds of distributions: an array of probabilities, and ``Uniform`` over a number of outcomes.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PRECISION = 24  # bits of the range coder's fixed point
SMALLEST = 2.0**-PRECISION  # the smallest probability that it can represent: every event of every distribution has more
FLOOR = 2 * SMALLEST  # the least probability of an outcome, before a reserve takes its share
SUM_TOLERANCE = 1e-6  # by which the sum of probabilities may miss 1


@dataclass(frozen=True)
class Uniform:
    """The uniform distribution over ``outcomes`` outcomes."""

    outcomes: int


Distribution = Floats | Uniform


def bits(distribution: Distribution, outcome: int) -> float:
    """−log2 P(outcome).

    >>> bits(Uniform(8), 3)
    3.0
    """
    if isinstance(distribution, Uniform):
        return math.log2(distribution.outcomes)
    return -math.log2(distribution[outcome])


def with_floor(probabilities: Floats) -> Floats:
    """The distribution mixed with a uniform one so that no outcome has less than ``FLOOR``; it still sums to 1.

    >>> with_floor(np.array([1.0, 0.0]))[1] == FLOOR
    np.True_
    """
    return probabilities * (1 - probabilities.size * FLOOR) + FLOOR


def floored(probability: float, outcomes: int) -> float:
    """One probability of ``with_floor``, of a distribution over so many outcomes.

    >>> floored(0.25, 4) == with_floor(np.full(4, 0.25))[0]
    np.True_
    """
    return probability * (1 - outcomes * FLOOR) + FLOOR


def surprise_share(surprises: int, events: int) -> float:
    """ε = (c + ½) / (n + 1): the probability of what training never showed.

    Of ``events`` (n) training events, ``surprises`` (c) would not be seen if their document were left out.
    """
    return (surprises + 0.5) / (events + 1)
