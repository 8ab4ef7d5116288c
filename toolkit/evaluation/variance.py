"""All pairs of columns at once: differences in bits per character and their jackknife variance over documents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats

ROUNDING = 1e-12  # relative; a smaller difference is the same sum in another order
# The standard deviation of a document's bits per character falls as its length to one of these powers: constant (topics
# differ, however long a document is), as for independent characters, or in between.
LENGTH_POWERS = (0.0, -0.25, -0.5)

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Pairs:
    """Differences in bits per character and their variances (..., pairs)."""

    differences: Floats
    variances: Floats

    def studentised(self) -> Floats:
        """Return |difference| / standard error, and 0 where both are 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(self.differences) / np.sqrt(self.variances)
        return np.nan_to_num(t, nan=0.0, posinf=np.inf)


@dataclass(frozen=True)
class SeedVariance:
    """The variance of one seed's effect on bits per character; 0 with 0 degrees of freedom if unknown.

    ``measured`` still has the part that documents add.
    """

    of_one: float
    degrees_of_freedom: int
    measured: float = 0.0


def all_pairs(bits: Floats, characters: Floats) -> Pairs:
    """Return all pairs of columns, from bits averaged over seeds (..., columns, documents).

    >>> all_pairs(np.array([[10.0, 20.0], [5.0, 5.0]]), np.array([5.0, 5.0])).differences.tolist()
    [2.0]
    """
    a, b = pair_indices(bits.shape[-2])
    bits = bits - bits.mean(axis=-2, keepdims=True)  # the share of all columns would only cost digits
    rates = bits.sum(axis=-1, keepdims=True) / characters.sum()  # (..., columns, 1)
    scaled = (bits - rates * characters) * np.sqrt(jackknife_weights(characters))
    products = scaled @ scaled.swapaxes(-1, -2)  # (..., columns, columns)
    squares = np.diagonal(products, axis1=-2, axis2=-1)  # (..., columns)
    sums = squares[..., a] + squares[..., b]
    variances = np.maximum(sums - 2 * products[..., a, b], 0.0)
    variances[variances < ROUNDING * sums] = 0.0  # equal columns
    return Pairs(rates[..., a, 0] - rates[..., b, 0], variances)


def jackknife_weights(characters: Floats) -> Floats:
    """Return weights g (documents,): Σ g·e² is the delete-one-document jackknife variance of a rate.

    Without document d the ratio of sums changes by −e_d / (N − n_d), where e_d = bits_d − rate · n_d.

    >>> jackknife_weights(np.array([5.0, 5.0])).tolist()
    [0.02, 0.02]
    """
    documents = len(characters)
    weights: Floats = (documents - 1) / documents / (characters.sum() - characters) ** 2
    return weights


def residual_variance(characters: Floats, covariance: Floats) -> float:
    """Return the jackknife's expected variance of a rate, if the bits x of documents have this covariance.

    Σ_d g_d Var(e_d), where e_d = x_d − (n_d/N) Σ x.

    >>> residual_variance(np.array([5.0, 5.0]), np.diag([100.0, 100.0]))
    2.0
    """
    shares = characters / characters.sum()
    variances = np.diag(covariance) - 2 * shares * covariance.sum(axis=1) + shares**2 * covariance.sum()
    return float((jackknife_weights(characters) * variances).sum())


def power_weights(means: Floats, characters: Floats) -> Floats:
    """Return the probability of each of the ``LENGTH_POWERS`` (powers,), given mean bits (columns, documents).

    One standard deviation is fitted for all columns. With K − 1 independent differences in D documents, whose relative
    standard deviations s_d have the product 1, the likelihood is Σ (e_d / s_d)² to the power of −(K−1)(D−1)/2.
    """
    rates = means / characters
    rates = rates - rates.mean(axis=0)
    squares = np.zeros(len(LENGTH_POWERS))
    for i, power in enumerate(LENGTH_POWERS):
        precisions = np.exp(-2 * power * (np.log(characters) - np.log(characters).mean()))
        centres = (rates * precisions).sum(axis=1, keepdims=True) / precisions.sum()
        squares[i] = (precisions * (rates - centres) ** 2).sum()
    if not squares.all():  # no residuals at all
        return np.full(len(LENGTH_POWERS), 1 / len(LENGTH_POWERS))
    logs = -(len(means) - 1) * (len(characters) - 1) / 2 * np.log(squares / squares.min())
    likelihoods: Floats = np.exp(logs) / np.exp(logs).sum()
    return likelihoods


def pair_indices(columns: int) -> tuple[Indices, Indices]:
    """Return the positions of a and b of all pairs, a before b."""
    return np.triu_indices(columns, 1)


def pair_places(order: Sequence[int]) -> Indices:
    """Return the place of each pair of columns (pairs,) among the pairs of the same columns in another ``order``.

    >>> pair_places([2, 0, 1]).tolist()  # the pairs there: 2 and 0, 2 and 1, 0 and 1
    [2, 0, 1]
    """
    a, b = pair_indices(len(order))
    places = np.zeros((len(order), len(order)), np.intp)
    places[a, b] = places[b, a] = np.arange(len(a))
    rank = np.argsort(order)
    return places[rank[a], rank[b]]
