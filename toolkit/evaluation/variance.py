"""Differences between columns and their variances: over documents the jackknife's, over seeds pooled over columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats

ROUNDING = 1e-12  # what differs by less, relatively, is the same sum in a different order


def jackknife_weights(characters: Floats) -> Floats:
    """Weights g (documents,) of squared residuals e: Σ g·e² is the delete-one-document jackknife variance of a rate.

    Without document d the ratio of sums changes by −e_d / (N − n_d), where e_d = bits_d − rate · n_d.

    >>> jackknife_weights(np.array([5.0, 5.0])).tolist()
    [0.02, 0.02]
    """
    documents = len(characters)
    weights: Floats = (documents - 1) / documents / (characters.sum() - characters) ** 2
    return weights


@dataclass(frozen=True)
class SeedVariance:
    """The variance of one seed's bits per character around its column's, pooled over columns; 0 of 0 if unknown.

    ``measured`` is the same before what documents add was taken out.
    """

    of_one: float
    degrees_of_freedom: int
    measured: float = 0.0


def differing(bits: Floats) -> bool:
    """Whether the seeds of a column give different bits (seeds, documents); not if nothing is drawn."""
    return bool((bits != bits[0]).any())


def seed_variance(columns: Sequence[Floats], characters: Floats) -> SeedVariance:
    """The pooled variance of the seeds' effects, from the bits (seeds, documents) of each column.

    With r_ks a seed's ratio of sums, Σ (r_ks − r_k)² / Σ (S_k − 1) estimates σ² + ε², where ε² is what the interaction
    of seed and document adds. It is estimated by the jackknife of each seed's deviations from its column and is already
    part of the documents' variance: σ² is the difference, or 0. A column whose seeds all give the same bits is counted,
    not trained, and says nothing about the others.
    """
    columns = [bits for bits in columns if differing(bits)]
    free = sum(len(bits) - 1 for bits in columns)
    if not free:
        return SeedVariance(0.0, 0)
    weights, total = jackknife_weights(characters), characters.sum()
    between = interaction = 0.0
    for bits in columns:
        deviations = bits - bits.mean(axis=0)  # (seeds, documents)
        rates = deviations.sum(axis=1, keepdims=True) / total
        between += float((rates**2).sum())
        interaction += float((weights * (deviations - rates * characters) ** 2).sum())
    return SeedVariance(max(0.0, (between - interaction) / free), free, between / free)


@dataclass(frozen=True)
class Pairs:
    """Differences of bits per character and their variances over documents (..., pairs), pairs in order."""

    differences: Floats
    variances: Floats

    def studentised(self) -> Floats:
        """|difference| / standard error; 0 if both are 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(self.differences) / np.sqrt(self.variances)
        return np.nan_to_num(t, nan=0.0, posinf=np.inf)


def pair_indices(columns: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Positions of a and b of all pairs, a before b.

    >>> [positions.tolist() for positions in pair_indices(3)]
    [[0, 0, 1], [1, 2, 2]]
    """
    return np.triu_indices(columns, 1)


def pair_places(order: Sequence[int]) -> npt.NDArray[np.intp]:
    """Where each pair of columns stands (pairs,) among the pairs of the same columns in another ``order``.

    >>> pair_places([2, 0, 1]).tolist()  # the pairs there: 2 and 0, 2 and 1, 0 and 1
    [2, 0, 1]
    """
    rank = np.argsort(order)
    a, b = (rank[positions] for positions in pair_indices(len(order)))
    places = np.zeros((len(order), len(order)), np.intp)
    places[pair_indices(len(order))] = np.arange(len(a))
    found: npt.NDArray[np.intp] = places[np.minimum(a, b), np.maximum(a, b)]
    return found


def all_pairs(bits: Floats, characters: Floats) -> Pairs:
    """All pairs of columns, from bits (..., columns, documents), averaged over seeds.

    >>> all_pairs(np.array([[10.0, 20.0], [5.0, 5.0]]), np.array([5.0, 5.0])).differences.tolist()
    [2.0]
    """
    a, b = pair_indices(bits.shape[-2])
    bits = bits - bits.mean(axis=-2, keepdims=True)  # what all columns share would only cost digits
    rates = bits.sum(axis=-1, keepdims=True) / characters.sum()  # (..., columns, 1)
    scaled = (bits - rates * characters) * np.sqrt(jackknife_weights(characters))
    products = scaled @ scaled.swapaxes(-1, -2)  # (..., columns, columns)
    squares = np.diagonal(products, axis1=-2, axis2=-1)  # (..., columns)
    sums = squares[..., a] + squares[..., b]
    variances = np.maximum(sums - 2 * products[..., a, b], 0.0)
    variances[variances < ROUNDING * sums] = 0.0  # equal columns
    differences = rates[..., a, 0] - rates[..., b, 0]
    return Pairs(differences, variances)


def residual_variance(characters: Floats, covariance: Floats) -> float:
    """The jackknife's expected variance of a rate if the bits x of documents have this covariance: Σ_d g_d Var(e_d).

    e_d = x_d − (n_d/N) Σ x.

    >>> residual_variance(np.array([5.0, 5.0]), np.diag([100.0, 100.0]))
    2.0
    """
    shares = characters / characters.sum()
    variances = np.diag(covariance) - 2 * shares * covariance.sum(axis=1) + shares**2 * covariance.sum()
    return float((jackknife_weights(characters) * variances).sum())
