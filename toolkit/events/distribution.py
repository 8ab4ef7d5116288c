"""The probability of an event, defined once for scoring and coding, and arithmetic that is exact on every processor.

A distribution is an array of probabilities, or ``Uniform`` over a number of outcomes. It depends only on the run and on
the earlier events of the same document.

A decoder must compute the encoder's probabilities exactly. IEEE 754 settles +, −, ×, ÷ and rounding to an integer. It
does not settle exp and tanh, or the order of the sums in a product of BLAS. So ``exp``, ``tanh``, ``softmax`` and
``Matrix`` use only settled operations in a fixed order. All sums are sums of integers below 2^53, which float64 holds
exactly in any order and in any number of threads.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Arrays = Mapping[str, npt.NDArray[Any]]  # of a model, by name
Probability = TypeVar("Probability", float, Floats)

SMALLEST = 2.0**-24  # the least probability that the range coder's fixed point of 24 bits can represent
FLOOR = 2 * SMALLEST  # the least probability of an outcome, before a reserve takes its share
SUM_TOLERANCE = 1e-6  # of the sum of probabilities from 1

EXACT_BITS = 53  # float64 holds integers below 2^53 exactly
INPUT_BITS = 22  # of EXACT_BITS, for the elements of a vector; the rest is for the sum of a column

SMALLEST_SQUARE = 1e-12  # of a vector's length, as in tf.math.l2_normalize

LARGEST_EXPONENT = 700.0  # e^±700 are normal numbers
LOG2_E = 1.4426950408889634
# k · LN2_HIGH is exact (Cody & Waite 1980)
LN2_HIGH, LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
TAYLOR = [1 / math.factorial(n) for n in range(13, -1, -1)]  # of e^r, |r| ≤ ln 2 / 2, with an error of 4e-18
EXPONENT_BIAS, FRACTION_BITS = 1023, 52  # of float64


@dataclass(frozen=True)
class Uniform:
    """The uniform distribution over ``outcomes`` outcomes."""

    outcomes: int


Distribution = Floats | Uniform


class Fine(np.ndarray[Any, np.dtype[np.float64]]):
    """Probabilities (n,) of which some may be smaller than a coder can represent."""

    def narrow(self, pick: Callable[[Floats, npt.NDArray[np.int64]], int]) -> int:
        """Return the outcome of choices with legal distributions.

        The outcomes below ``FLOOR`` are one choice, the last, and then have choices of their own. So the others cost
        nothing more. ``pick`` gets a distribution (m + 1,) and the outcomes (m,) of all choices but the last.
        """
        left = np.arange(len(self))
        while True:
            shares = np.asarray(self[left] / self[left].sum())
            is_likely = shares >= FLOOR
            likely = left[is_likely]
            weights = np.append(shares[is_likely], max(shares[~is_likely].sum(), FLOOR))
            if (choice := pick(weights / weights.sum(), likely)) < len(likely):
                return int(likely[choice])
            left = left[~is_likely]


def bits(distribution: Distribution, outcome: int) -> float:
    """Return −log2 P(outcome).

    >>> bits(Uniform(8), 3)
    3.0
    """
    if isinstance(distribution, Uniform):
        return math.log2(distribution.outcomes)
    return -math.log2(distribution[outcome])


def with_floor(probability: Probability, outcomes: int) -> Probability:
    """Return probabilities of a distribution mixed with a uniform one, so that each outcome has at least ``FLOOR``.

    >>> with_floor(0.0, 2) == FLOOR
    True
    """
    return probability * (1 - outcomes * FLOOR) + FLOOR


def surprise_share(surprises: int, events: int) -> float:
    """Return ε = (c + ½) / (n + 1), the probability of everything that training never showed.

    Of n training events, c ``surprises`` would be unseen if their document were left out.
    """
    return (surprises + 0.5) / (events + 1)


def exp(x: Floats) -> Floats:
    """Return e^x (n,) with a relative error below 1e-15. Beyond ±700 it stays e^±700.

    >>> exp(np.array([0.0, 1.0])).round(12).tolist()
    [1.0, 2.718281828459]
    """
    x = np.minimum(np.maximum(x, -LARGEST_EXPONENT), LARGEST_EXPONENT)
    k = np.rint(x * LOG2_E)  # e^x = 2^k · e^r
    r = x - k * LN2_HIGH
    r -= k * LN2_LOW
    power = r * TAYLOR[0]
    power += TAYLOR[1]
    for coefficient in TAYLOR[2:]:
        power *= r
        power += coefficient
    power *= ((k.astype(np.int64) + EXPONENT_BIAS) << FRACTION_BITS).view(np.float64)
    return power


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + e^−x) (n,) with a relative error below 1e-15."""
    return 1 / (1 + exp(-x))


def tanh(x: Floats) -> Floats:
    """Return tanh x (n,) with an absolute error below 1e-15."""
    doubled: Floats = 2 * sigmoid(2 * x)
    return doubled - 1


def softmax(logits: Floats) -> Floats:
    """Return the softmax (V,) of logits (V,). Its absolute error is below V · (V + 1) · 2^−53 + 1e-15.

    >>> softmax(np.array([7.0, 7.0])).tolist()
    [0.5, 0.5]
    """
    scale = 2.0 ** (EXACT_BITS - logits.size.bit_length())  # so that the sum of the exponentials is below 2^53
    exponentials = np.rint(exp(logits - logits.max()) * scale)
    shares: Floats = exponentials / exponentials.sum()
    return shares


def rounded(x: Floats, bits: int = INPUT_BITS) -> tuple[Floats, float]:
    """Return an array as integers of at most some bits, and their unit, a power of 2."""
    unit = math.ldexp(1.0, math.frexp(float(np.abs(x).max()))[1] - bits)
    return np.rint(x / unit), unit


def exact_product(a: Floats, b: Floats) -> Floats:
    """Return a @ b, exact once both are rounded: sums of at most 512 terms, or of shares of 1 times others."""
    (a, unit), (b, other) = rounded(a), rounded(b)
    product: Floats = (a @ b) * (unit * other)
    return product


def rms_norm(x: Floats) -> Floats:
    """Return a vector (n,) of the same direction and the length √n, or 0 for 0."""
    integers, unit = rounded(x, INPUT_BITS - 2)
    return x / math.sqrt(max(float((integers**2).sum()) * unit**2, SMALLEST_SQUARE) / len(x))


class Matrix:
    """A matrix (N, M) whose products with vectors (N,) are exact once both are rounded.

    The elements of a vector, at most ``largest``, are rounded to integers of at most INPUT_BITS bits. The elements of a
    column are rounded so that no partial sum of a product reaches 2^53.
    """

    def __init__(self, weights: npt.NDArray[np.floating], largest: float = 1.0) -> None:
        rows = len(weights)
        _, exponents = np.frexp(np.abs(weights).max(0).astype(np.float64) * rows)  # N · largest < 2^exponent
        units = np.ldexp(1.0, exponents + 1 - (EXACT_BITS - INPUT_BITS))  # rounding adds at most N / 2 of these
        input_unit = math.ldexp(1.0, math.frexp(largest)[1] - INPUT_BITS)
        self._integers = np.multiply(weights, 1 / units, order="C")  # (N, M)
        np.rint(self._integers, out=self._integers)
        self._per_input_unit = 1 / input_unit
        self._units: Floats = units * input_unit  # (M,), of a product

    def product(self, vector: Floats) -> Floats:
        """Return the product (M,) of a vector (N,) with the matrix."""
        products: Floats = np.rint(vector * self._per_input_unit) @ self._integers
        return products * self._units

    def scaled_product(self, vector: Floats) -> Floats:
        """Return the product (M,) of a vector (N,) of any size with a matrix whose ``largest`` is 1."""
        scale = math.ldexp(1.0, math.frexp(float(np.abs(vector).max()))[1])
        return self.product(vector / scale) * scale


class FastMatrix(Matrix):
    """A matrix (N, M) in float32: its products are fast, and their last digits depend on the processor."""

    def __init__(self, weights: npt.NDArray[np.floating], largest: float = 1.0) -> None:  # noqa: ARG002
        self._weights = np.array(weights, np.float32)

    def product(self, vector: Floats) -> Floats:
        """Return the product (M,) of a vector (N,) with the matrix."""
        return (vector.astype(np.float32) @ self._weights).astype(np.float64)
