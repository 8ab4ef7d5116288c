"""Differences between columns in bits per character, with intervals and p that hold for all pairs together.

The unit is the document, because words within one document depend on each other. The bits per character of column k in
document d are μ_k, plus an effect of the document, plus an effect of column and document. A seed adds an effect to all
documents; seeds of two columns are unrelated. The estimate is a difference of ratios of sums. Its variance is the
jackknife's over documents, which a few long documents do not mislead, plus a seed variance pooled over columns.
Bootstrap and permutation divide the difference by its standard error in every draw, for all pairs at once.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import Self

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.estimate import AT_ONCE, ENUMERATED_DOCUMENTS, THOUSANDS, Estimate, smallest_p
from toolkit.events.distribution import Floats
from toolkit.results.record import grouped
from toolkit.results.text import ALPHA

FEW_THOUSANDS = 2  # of draws, enough for an interval that is shown with two digits
DEPENDABLE_DOCUMENTS = 6  # with fewer, residuals say too little about the covariance of columns
ROUNDING = 1e-12  # relative; a smaller difference is the same sum in another order
EQUALLY_LARGE = 1 - 1e3 * ROUNDING  # share of a |t| that counts as reached: sums in another order differ a little
# The standard deviation of a document's bits per character falls as its length to one of these powers: constant (topics
# differ, however long a document is), as for independent characters, or in between.
LENGTH_POWERS = (0.0, -0.25, -0.5)

Places = npt.NDArray[np.intp]


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


@dataclass(frozen=True)
class Columns:
    """The bits of several columns, each (seeds, documents), in documents of ``characters`` (documents,).

    Dependence between documents multiplies the variance over them by ``inflation``. Without ``correlations``
    (documents, documents), documents are independent. Bootstrap and permutation take ``thousands`` of draws.
    """

    bits: Sequence[Floats]
    characters: Floats
    inflation: float = 1.0
    correlations: Floats | None = None
    thousands: int = THOUSANDS

    def contrasts(self, seed: int = 0) -> list[Estimate]:
        """Return the estimates of all pairs, a before b. Draws start from ``seed``, whatever the columns' order is."""
        order = self.fewest_first()
        ordered, places = self.ordered(order), pair_places(order)
        critical = ordered.critical_values(np.random.default_rng([seed, 0]))[places]
        p = ordered.adjusted_p(np.random.default_rng([seed, 1]))[places]
        estimates = []
        for pair, (a, b) in enumerate(combinations(range(len(self.bits)), 2)):
            difference = float(self.pairs.differences[pair])
            fewer = self.means[a] < self.means[b] if difference < 0 else self.means[b] < self.means[a]
            estimate = Estimate(
                estimate=difference,
                document_variance=float(self.pairs.variances[pair]),
                seed_variance=float(self.seed_variances[pair]),
                critical=float(critical[pair]),
                documents=len(self.characters),
                seeds=(len(self.bits[a]), len(self.bits[b])),
                columns=len(self.bits),
                p=float(p[pair]),
                fewer=int(fewer.sum()),
            )
            estimates.append(estimate)
        return estimates

    def critical_values(self, rng: np.random.Generator, pairs: Sequence[int] | None = None) -> Floats:
        """Return the number of standard errors in half of each interval (pairs,).

        It is the 95 % quantile of the largest |t| over ``pairs`` (default: all). A seed variance can be small by
        chance, so no interval is narrower than the seeds alone make it. From two documents, the bootstrap draws the
        same |t| for every pair, so few documents have at least the critical value of independent columns.
        """
        places = slice(None) if pairs is None else list(pairs)

        def quantile(draw: Callable[[], Floats]) -> float:
            largest = np.concatenate([draw()[:, places].max(axis=1) for _ in range(self.thousands)])
            # Some columns may differ by rounding alone.
            if np.isinf(np.quantile(largest, 1 - ALPHA, method="higher")):
                largest = largest[np.isfinite(largest)]
            return float(np.quantile(largest, 1 - ALPHA))

        common = quantile(lambda: self._bootstrap(rng))
        if len(self.characters) < DEPENDABLE_DOCUMENTS and len(self.bits) > 2:
            common = max(common, quantile(lambda: self._bootstrap(rng, independent=True)))
        critical = np.full(len(self.t), common)
        if self.seed_variance.measured:
            of_seeds = self.seed_variance.measured * self._inverse_seeds_of_pairs
            errors = self.pairs.variances + self.seed_variances
            shares = np.divide(of_seeds, errors, out=np.zeros_like(of_seeds), where=errors > 0)
            alone = quantile(lambda: self._seed_effects(rng).studentised())
            critical = np.maximum(critical, alone * np.sqrt(shares))
        return critical

    def adjusted_p(self, rng: np.random.Generator) -> Floats:
        """Return p of each pair (pairs,), adjusted for all pairs by step-down (Westfall & Young 1993, algorithm 2.8).

        From the largest |t| down, p is the share of permutations that give a remaining pair a |t| at least as large,
        and it never falls. Columns are exchanged only while a remaining pair connects them. All 2^D exchanges count if
        p is ``enumerable``. Drawn permutations give p = (1 + count) / (1 + draws), never 0 (Phipson & Smyth 2010).
        """
        least = smallest_p(len(self.characters), len(self.bits))
        extra = int(not self.enumerable)
        p = np.zeros(len(self.t))
        remaining = [int(pair) for pair in np.argsort(-self.t, kind="stable")]
        blocks: list[list[int]] = []
        t, reached = np.zeros(0), 0.0
        while remaining:
            if reached <= ALPHA and blocks != (connected := self._connected(remaining)):
                blocks = connected
                t = np.concatenate(list(self.permuted([np.array(block) for block in blocks], rng)))
            count = int((t[:, remaining].max(axis=1) >= EQUALLY_LARGE * self.t[remaining[0]]).sum())
            reached = max(reached, (extra + count) / (extra + len(t)), least)
            p[remaining.pop(0)] = reached
        return p

    def fewest_first(self) -> list[int]:
        """Return the columns' positions, from the fewest bits to the most."""
        return np.argsort(self.means.sum(axis=1), kind="stable").tolist()  # type: ignore[no-any-return]

    def ordered(self, order: Sequence[int]) -> Self:
        """Return the same columns in another order."""
        return replace(self, bits=[self.bits[position] for position in order])

    @cached_property
    def pair_columns(self) -> tuple[Places, Places]:
        """The positions of the first and of the second column of each pair (pairs,)."""
        return np.triu_indices(len(self.bits), 1)

    @cached_property
    def means(self) -> Floats:
        """Bits averaged over seeds (columns, documents)."""
        return np.stack([bits.mean(axis=0) for bits in self.bits])

    @cached_property
    def pairs(self) -> Pairs:
        """The measured differences, 0 where only rounding differs, and their variances over documents."""
        a, b = self.pair_columns
        pairs = all_pairs(self.means, self.characters)
        rates = np.abs(self.means.sum(axis=1)) / self.characters.sum()
        equal = np.abs(pairs.differences) <= ROUNDING * np.maximum(rates[a], rates[b])
        return Pairs(np.where(equal, 0.0, pairs.differences), pairs.variances * self.inflation)

    @cached_property
    def t(self) -> Floats:
        """The measured differences divided by their standard errors (pairs,)."""
        return Pairs(self.pairs.differences, self.pairs.variances + self.seed_variances).studentised()

    @cached_property
    def seed_variance(self) -> SeedVariance:
        """The variance of a seed's effect on the bits per character, pooled over columns.

        With r_ks the ratio of sums of a seed, Σ (r_ks − r_k)² / Σ (S_k − 1) estimates σ² + ε². The interaction of seed
        and document adds ε², which the documents' variance already has. The jackknife of each seed's deviations from
        its column estimates ε². The result is the difference σ², or 0.
        """
        trained = [bits for bits, inverse in zip(self.bits, self.inverse_seeds, strict=True) if inverse]
        free = sum(len(bits) - 1 for bits in trained)
        if not free:
            return SeedVariance(0.0, 0)
        weights, total = jackknife_weights(self.characters), self.characters.sum()
        between = interaction = 0.0
        for bits in trained:
            deviations = bits - bits.mean(axis=0)  # (seeds, documents)
            rates = deviations.sum(axis=1, keepdims=True) / total
            between += float((rates**2).sum())
            interaction += float((weights * (deviations - rates * self.characters) ** 2).sum())
        return SeedVariance(max(0.0, (between - interaction) / free), free, between / free)

    @cached_property
    def inverse_seeds(self) -> Floats:
        """1 / number of seeds, by column; 0 for counted columns."""
        trained = [len(bits) == 1 or bool((bits != bits[0]).any()) for bits in self.bits]  # seeds change the bits
        return np.array(trained) / [len(bits) for bits in self.bits]

    @cached_property
    def seed_variances(self) -> Floats:
        """The variance that seeds add to each pair's difference (pairs,)."""
        return self.seed_variance.of_one * self._inverse_seeds_of_pairs

    @cached_property
    def _inverse_seeds_of_pairs(self) -> Floats:
        a, b = self.pair_columns
        sums: Floats = self.inverse_seeds[a] + self.inverse_seeds[b]
        return sums

    @property
    def enumerable(self) -> bool:
        """Whether p can be exact: two columns, few documents, and no seed variance."""
        return (
            len(self.bits) == 2
            and len(self.characters) <= ENUMERATED_DOCUMENTS
            and self.seed_variance.of_one == 0
        )

    def _bootstrap(self, rng: np.random.Generator, *, independent: bool = False) -> Floats:
        """Draw |t| (draws, pairs) around no difference; each power of the length has its share of the draws.

        Normal weights are loaded on the columns and multiplied by each document's standard deviation. So documents are
        as unequal as the real ones. Columns keep the covariance of their residuals e_kd = bits_kd − rate_k · n_d,
        unless they are ``independent``. Each pair's variance is scaled to the measured one.
        """
        a, b = self.pair_columns
        documents = len(self.characters)
        correlations = np.eye(documents) if self.correlations is None else self.correlations
        centred = self.means - self.means.mean(axis=0)
        rates = centred.sum(axis=1, keepdims=True) / self.characters.sum()
        shares = np.rint(np.cumsum([0, *power_weights(self.means, self.characters)]) * AT_ONCE).astype(int)
        t = []
        for power, number in zip(LENGTH_POWERS, np.diff(shares), strict=True):
            sd = self.characters ** (1 + power)
            left, sizes, _ = np.linalg.svd((centred - rates * self.characters) / sd, full_matrices=False)
            loadings = np.eye(len(self.bits)) if independent else left * sizes  # (columns, dimensions)
            weights = rng.normal(size=(number, loadings.shape[1], documents))
            if self.correlations is not None:
                weights = weights @ np.linalg.cholesky(correlations).T
            pairs = all_pairs(loadings @ weights * sd, self.characters)  # of (draws, columns, documents)
            expected = residual_variance(self.characters, np.outer(sd, sd) * correlations)
            expected = expected * ((loadings[a] - loadings[b]) ** 2).sum(axis=1)  # (pairs,)
            measured = self.pairs.variances / self.inflation
            scale = np.divide(measured, expected, out=np.zeros_like(expected), where=expected > 0)
            scaled = Pairs(pairs.differences * np.sqrt(scale), pairs.variances * scale * self.inflation)
            t.append(self.with_seeds(scaled, rng))
        return np.concatenate(t)

    def permuted(self, blocks: Sequence[Places], rng: np.random.Generator) -> Iterator[Floats]:
        """Draw |t| (draws, pairs), a thousand at a time, with the members of each block exchanged within each document.

        A block is columns, or groups of columns that change places together (members, columns of each). A document's
        effect on a column is common to its seeds, so the means over seeds are exchanged.
        """
        documents = len(self.characters)
        if self.enumerable:
            flips = np.array(list(product((0, 1), repeat=documents)))  # (2^documents, documents)
            order = np.stack([flips, 1 - flips], axis=1)
            yield all_pairs(self.means[order, np.arange(documents)], self.characters).studentised()
            return
        for _ in range(self.thousands):
            # (draws, columns, documents).
            order = np.tile(np.arange(len(self.bits))[:, None], (AT_ONCE, 1, documents))
            for block in blocks:
                shuffled = rng.random((AT_ONCE, len(block), documents)).argsort(axis=1)
                order[:, block] = np.moveaxis(block[shuffled], 2, -1)
            yield self.with_seeds(all_pairs(self.means[order, np.arange(documents)], self.characters), rng)

    def with_seeds(self, drawn: Pairs, rng: np.random.Generator) -> Floats:
        """Return |t| (draws, pairs) after seeds added to the drawn differences and to their variances."""
        of_one = self.seed_variance.of_one
        if of_one == 0:
            return drawn.studentised()
        seeds = self._seed_effects(rng, len(drawn.differences))
        differences = drawn.differences + math.sqrt(of_one) * seeds.differences
        return Pairs(differences, drawn.variances + of_one * seeds.variances).studentised()

    def _seed_effects(self, rng: np.random.Generator, draws: int = AT_ONCE) -> Pairs:
        """Draw what seeds of variance 1 add to the pairs (draws, pairs). The estimated variance is a multiple of χ²."""
        a, b = self.pair_columns
        effects = rng.normal(size=(draws, len(self.bits))) * np.sqrt(self.inverse_seeds)
        free = self.seed_variance.degrees_of_freedom
        estimates = rng.chisquare(free, (draws, 1)) / free
        return Pairs(effects[:, a] - effects[:, b], estimates * self._inverse_seeds_of_pairs)

    def _connected(self, pairs: Sequence[int]) -> list[list[int]]:
        """The groups of two or more columns that these pairs connect."""
        a, b = self.pair_columns
        group = list(range(len(self.bits)))  # of each column
        for pair in pairs:
            group = [group[a[pair]] if name == group[b[pair]] else name for name in group]
        return [block for block in grouped(range(len(group)), group.__getitem__).values() if len(block) > 1]


def all_pairs(bits: Floats, characters: Floats) -> Pairs:
    """Return all pairs of columns, from bits averaged over seeds (..., columns, documents)."""
    a, b = np.triu_indices(bits.shape[-2], 1)
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
    """
    documents = len(characters)
    weights: Floats = (documents - 1) / documents / (characters.sum() - characters) ** 2
    return weights


def residual_variance(characters: Floats, covariance: Floats) -> float:
    """Return the jackknife's expected variance of a rate, if the bits x of documents have this covariance.

    Σ_d g_d Var(e_d), where e_d = x_d − (n_d/N) Σ x.
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
    lengths = np.log(characters) - np.log(characters).mean()
    precisions = np.exp(-2 * np.outer(LENGTH_POWERS, lengths))[:, None]  # (powers, 1, documents)
    centres = (rates * precisions).sum(axis=2, keepdims=True) / precisions.sum(axis=2, keepdims=True)
    squares = (precisions * (rates - centres) ** 2).sum(axis=(1, 2))  # (powers,)
    if not squares.all():  # no residuals at all
        return np.full(len(LENGTH_POWERS), 1 / len(LENGTH_POWERS))
    logs = -(len(means) - 1) * (len(characters) - 1) / 2 * np.log(squares / squares.min())
    likelihoods: Floats = np.exp(logs) / np.exp(logs).sum()
    return likelihoods


def pair_places(order: Sequence[int]) -> Places:
    """Return the place of each pair of columns (pairs,) among the pairs of the same columns in another ``order``."""
    a, b = np.triu_indices(len(order), 1)
    rank = np.argsort(order)
    return pair_table(len(order))[rank[a], rank[b]]


def pair_table(columns: int) -> Places:
    """Return the place among all pairs of the pair of two columns (columns, columns)."""
    a, b = np.triu_indices(columns, 1)
    table = np.zeros((columns, columns), np.intp)
    table[a, b] = table[b, a] = np.arange(len(a))
    return table
