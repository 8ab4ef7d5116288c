"""The probability of an event, defined once for both scoring and coding.

A distribution is an array of probabilities, or ``Uniform`` over a number of outcomes. It depends only on the run and on
the earlier events of the same document.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Probability = TypeVar("Probability", float, Floats)

SMALLEST = 2.0**-24  # the least probability that the range coder's fixed point of 24 bits can represent
FLOOR = 2 * SMALLEST  # the least probability of an outcome, before a reserve takes its share
SUM_TOLERANCE = 1e-6  # of the sum of probabilities from 1


@dataclass(frozen=True)
class Uniform:
    """The uniform distribution over ``outcomes`` outcomes."""

    outcomes: int


Distribution = Floats | Uniform


def bits(distribution: Distribution, outcome: int) -> float:
    """Return −log2 P(outcome).

    >>> bits(Uniform(8), 3)
    3.0
    """
    return math.log2(distribution.outcomes) if isinstance(distribution, Uniform) else -math.log2(distribution[outcome])


def with_floor(probabilities: Floats) -> Floats:
    """Return the distribution mixed with a uniform one, so that every outcome has at least ``FLOOR``.

    >>> with_floor(np.array([1.0, 0.0]))[1] == FLOOR
    np.True_
    """
    return floored(probabilities, probabilities.size)


def floored(probability: Probability, outcomes: int) -> Probability:
    """Return one or more probabilities of ``with_floor``, of a distribution over a number of outcomes."""
    return probability * (1 - outcomes * FLOOR) + FLOOR


def surprise_share(surprises: int, events: int) -> float:
    """Return ε = (c + ½) / (n + 1), the probability of everything that training never showed.

    Args:
        surprises: c, the training events that would be unseen if their document were left out.
        events: n, all training events.
    """
    return (surprises + 0.5) / (events + 1)
