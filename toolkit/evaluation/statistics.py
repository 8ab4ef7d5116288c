"""Differences between columns in bits per character, with intervals and p that hold for all pairs together.

The unit is the document, because words within one document depend on each other. The bits per character of column k in
document d are μ_k, plus an effect of the document, plus an effect of column and document. A seed adds an effect to all
documents; seeds of two columns are unrelated. The estimate is a difference of ratios of sums. Its variance is the
jackknife's over documents, which a few long documents do not mislead, plus a seed variance pooled over columns.
Bootstrap and permutation divide the difference by its standard error in every draw, for all pairs at once.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import Self

import numpy as np
from scipy.special import stdtrit

from toolkit.evaluation.variance import (
    LENGTH_POWERS,
    ROUNDING,
    Pairs,
    SeedVariance,
    all_pairs,
    jackknife_weights,
    pair_indices,
    pair_places,
    power_weights,
    residual_variance,
)
from toolkit.events.distribution import Floats
from toolkit.results.text import ALPHA

THOUSANDS, AT_ONCE = 10, 1_000  # thousands of draws; a thousand is computed together, to bound memory
FEW_THOUSANDS = 2  # enough for an interval that is shown with two digits
DEPENDABLE_DOCUMENTS = 6  # with fewer, residuals say too little about the covariance of columns
ENUMERATED_DOCUMENTS = 13  # 2^13 sign flips are enumerated; with more documents or columns, permutations are drawn
POWER = 0.8  # probability of detecting the smallest detectable difference


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

    @property
    def decided(self) -> bool:
        """Whether the interval excludes 0 and p is at most 0.05."""
        return self.excludes_zero and self.p <= ALPHA


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
        documents, columns = len(self.characters), len(self.bits)
        variances = zip(self.pairs.variances.tolist(), self.seed_variances.tolist(), strict=True)
        rows = zip(self.pairs.differences.tolist(), variances, critical.tolist(), p.tolist(), strict=True)
        estimates = []
        for (a, b), (difference, added, errors, adjusted) in zip(combinations(range(columns), 2), rows, strict=True):
            lower, higher = (self.means[a], self.means[b]) if difference < 0 else (self.means[b], self.means[a])
            seeds, fewer = (len(self.bits[a]), len(self.bits[b])), int((lower < higher).sum())
            estimates.append(Estimate(difference, *added, errors, documents, seeds, columns, adjusted, fewer))
        return estimates

    def critical_values(self, rng: np.random.Generator, pairs: Sequence[int] | None = None) -> Floats:
        """Return the number of standard errors in half of each interval (pairs,).

        It is the 95 % quantile of the largest |t| over ``pairs`` (default: all). A seed variance can be small by
        chance, so no interval is narrower than the seeds alone make it. From two documents, the bootstrap draws the
        same |t| for every pair, so few documents have at least the critical value of independent columns.
        """
        places = slice(None) if pairs is None else list(pairs)

        def quantile(draw: Callable[[], Floats]) -> float:
            largest = [draw()[:, places].max(axis=1) for _ in range(self.thousands)]
            return float(np.quantile(np.concatenate(largest), 1 - ALPHA))

        common = quantile(lambda: self.bootstrap(AT_ONCE, rng))
        if len(self.characters) < DEPENDABLE_DOCUMENTS and len(self.bits) > 2:
            common = max(common, quantile(lambda: self.bootstrap(AT_ONCE, rng, independent=True)))
        critical = np.full(len(self.t), common)
        if self.seed_variance.measured:
            a, b = pair_indices(len(self.bits))
            of_seeds = self.seed_variance.measured * (self.inverse_seeds[a] + self.inverse_seeds[b])
            errors = self.pairs.variances + self.seed_variances
            shares = np.divide(of_seeds, errors, out=np.zeros_like(of_seeds), where=errors > 0)
            alone = quantile(lambda: self.seed_effects(AT_ONCE, rng).studentised())
            critical = np.maximum(critical, alone * np.sqrt(shares))
        return critical

    def adjusted_p(self, rng: np.random.Generator) -> Floats:
        """Return p of each pair (pairs,), adjusted for all pairs by step-down (Westfall & Young 1993, algorithm 2.8).

        From the largest |t| down, p is the share of permutations that give a remaining pair a |t| at least as large,
        and it never falls. Columns are exchanged only while a remaining pair connects them. All 2^D exchanges count if
        p is ``enumerable``. Drawn permutations give p = (1 + count) / (1 + draws), never 0 (Phipson & Smyth 2010).
        """
        least, extra = smallest_p(len(self.characters), len(self.bits)), 0 if self.enumerable else 1
        p = np.zeros(len(self.t))
        remaining = [int(pair) for pair in np.argsort(-self.t, kind="stable")]
        blocks: list[list[int]] = []
        t, reached = np.zeros(0), 0.0
        while remaining:
            if reached <= ALPHA and blocks != (connected := self.connected(remaining)):
                blocks = connected
                t = self.permuted(blocks, rng)
            count = int((t[:, remaining].max(axis=1) >= least_as_large(self.t[remaining[0]])).sum())
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
    def means(self) -> Floats:
        """Bits averaged over seeds (columns, documents)."""
        return np.stack([bits.mean(axis=0) for bits in self.bits])

    @cached_property
    def pairs(self) -> Pairs:
        """The measured differences, 0 where only rounding differs, and their variances over documents."""
        a, b = pair_indices(len(self.bits))
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
        trained = [bits for bits in self.bits if not is_counted(bits)]
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
        return np.array([0.0 if is_counted(bits) else 1 / len(bits) for bits in self.bits])

    @cached_property
    def seed_variances(self) -> Floats:
        """The variance that seeds add to each pair's difference (pairs,)."""
        a, b = pair_indices(len(self.bits))
        variances: Floats = self.seed_variance.of_one * (self.inverse_seeds[a] + self.inverse_seeds[b])
        return variances

    @property
    def enumerable(self) -> bool:
        """Whether p can be exact: two columns, few documents, and no seed variance."""
        return len(self.bits) == 2 and len(self.characters) <= ENUMERATED_DOCUMENTS and self.seed_variance.of_one == 0

    def bootstrap(self, draws: int, rng: np.random.Generator, *, independent: bool = False) -> Floats:
        """Draw |t| (draws, pairs) around no difference; each power of the length has its share of the draws.

        Normal weights are loaded on the columns and multiplied by each document's standard deviation. So documents are
        as unequal as the real ones. Columns keep the covariance of their residuals e_kd = bits_kd − rate_k · n_d,
        unless they are ``independent``. Each pair's variance is scaled to the measured one.
        """
        a, b = pair_indices(len(self.bits))
        documents = len(self.characters)
        correlations = np.eye(documents) if self.correlations is None else self.correlations
        centred = self.means - self.means.mean(axis=0)
        rates = centred.sum(axis=1, keepdims=True) / self.characters.sum()
        shares = np.rint(np.cumsum([0, *power_weights(self.means, self.characters)]) * draws).astype(int)
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

    def permuted(self, blocks: Sequence[Sequence[int]], rng: np.random.Generator) -> Floats:
        """Draw |t| (draws, pairs) with the columns of each block exchanged within each document.

        A document's effect on a column is common to its seeds, so the means over seeds are exchanged.
        """
        documents = len(self.characters)
        if self.enumerable:
            flips = np.array(list(product((0, 1), repeat=documents)))  # (2^documents, documents)
            order = np.stack([flips, 1 - flips], axis=1)
            return all_pairs(self.means[order, np.arange(documents)], self.characters).studentised()
        t = []
        for _ in range(self.thousands):
            order = np.tile(np.arange(len(self.bits))[:, None], (AT_ONCE, 1, documents))  # (draws, columns, documents)
            for block in blocks:
                shuffled = rng.random((AT_ONCE, len(block), documents)).argsort(axis=1)
                order[:, block] = np.asarray(block)[shuffled]
            t.append(self.with_seeds(all_pairs(self.means[order, np.arange(documents)], self.characters), rng))
        return np.concatenate(t)

    def with_seeds(self, drawn: Pairs, rng: np.random.Generator) -> Floats:
        """Return |t| (draws, pairs) after seeds added to the drawn differences and to their variances."""
        of_one = self.seed_variance.of_one
        if of_one == 0:
            return drawn.studentised()
        seeds = self.seed_effects(len(drawn.differences), rng)
        differences = drawn.differences + math.sqrt(of_one) * seeds.differences
        return Pairs(differences, drawn.variances + of_one * seeds.variances).studentised()

    def seed_effects(self, draws: int, rng: np.random.Generator) -> Pairs:
        """Draw what seeds of variance 1 add to the pairs (draws, pairs). The estimated variance is a multiple of χ²."""
        a, b = pair_indices(len(self.bits))
        effects = rng.normal(size=(draws, len(self.bits))) * np.sqrt(self.inverse_seeds)
        free = self.seed_variance.degrees_of_freedom
        estimates = rng.chisquare(free, (draws, 1)) / free
        return Pairs(effects[:, a] - effects[:, b], estimates * (self.inverse_seeds[a] + self.inverse_seeds[b]))

    def connected(self, pairs: Sequence[int]) -> list[list[int]]:
        """Return the groups of two or more columns that these pairs connect."""
        a, b = pair_indices(len(self.bits))
        group = list(range(len(self.bits)))  # of each column
        for pair in pairs:
            group = [group[a[pair]] if name == group[b[pair]] else name for name in group]
        blocks = ([k for k, of_column in enumerate(group) if of_column == name] for name in dict.fromkeys(group))
        return [block for block in blocks if len(block) > 1]


def t_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Return the quantile of Student's t."""
    return float(stdtrit(degrees_of_freedom, probability))


def smallest_p(documents: int, columns: int) -> float:
    """Return the smallest p that permutations of columns within documents can give.

    The same exchange in every document keeps the largest |t|: K!^(1−D). Drawn permutations give at least 1/(1 + draws).

    >>> smallest_p(4, 2), round(smallest_p(2, 3), 4)
    (0.125, 0.1667)
    """
    enumerable = columns == 2 and documents <= ENUMERATED_DOCUMENTS
    return max(float(math.factorial(columns)) ** (1 - documents), 0.0 if enumerable else resolution())


def resolution() -> float:
    """Return the smallest p of drawn permutations."""
    return 1 / (1 + THOUSANDS * AT_ONCE)


def least_as_large(t: Floats) -> Floats:
    """Return the least |t| that counts as equally large: sums in another order differ in their last digits."""
    return t * (1 - 1e3 * ROUNDING)


def is_counted(bits: Floats) -> bool:
    """Whether several seeds (seeds, documents) have equal bits: the column is counted, not trained."""
    return len(bits) > 1 and not (bits != bits[0]).any()
