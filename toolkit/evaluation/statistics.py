"""Which of several columns needs fewer bits per character, and how certain that is.

The unit is the document, since the words within one are dependent. Bits are sums; the estimate is a difference of
ratios of sums. All columns have the same documents; seed 1 of one column is unrelated to seed 1 of another (they are
different networks), and columns may have different numbers of seeds.

Intervals and p come from one model. The bits per character of column k in document d are μ_k, plus what all columns
share there, plus an effect of column and document; a seed adds an effect of its own to all documents. A difference is
divided by its standard error: over documents the jackknife's, which a few long documents do not mislead, and over seeds
a variance pooled over columns. Bootstrap and permutation repeat this division in every draw, for all pairs of columns
at once.

The variance of seeds is often estimated from few. Where it is small by chance, differences look large, and the critical
value that is drawn with it is small; so an interval is never narrower than that of the seeds alone, as they were
measured: its critical value does not depend on their variance. (Folds, which take the place of seeds in folds.py, have
no such bound.)

The covariance of columns over documents is that of their residuals, of which there are as many as documents. From two
of them every pair of columns is drawn with the same |t|, as if there were one pair; so with few documents no critical
value is less than that of independent columns, whose largest |t| is, as far as was tried, no smaller than that of
columns that hang together.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import Self

import numpy as np

from toolkit.evaluation.difference import Difference
from toolkit.evaluation.variance import (
    ROUNDING,
    Pairs,
    SeedVariance,
    all_pairs,
    differing,
    pair_indices,
    pair_places,
    residual_variance,
    seed_variance,
)
from toolkit.events.distribution import Floats
from toolkit.results.text import ALPHA

THOUSANDS, AT_ONCE = 10, 1_000  # thousands of draws; a thousand is computed together, to bound memory
FEW_THOUSANDS = 2  # for an interval that is only shown, with two digits
TELLING_DOCUMENTS = 6  # of fewer, residuals say too little of how columns hang together
ENUMERATED_DOCUMENTS = 13  # 2^13 sign flips are enumerated; for more documents or columns permutations are drawn
# The bits per character of a document of n characters may scatter with a standard deviation that falls as n to one of
# these powers: not at all (topics differ, however long a document is), as for independent characters, or in between.
POWERS = (0.0, -0.25, -0.5)


@dataclass(frozen=True)
class Columns:
    """The bits of several columns, each (seeds, documents), in documents of ``characters`` (documents,).

    ``inflation`` is by how much dependence between the units makes the variance over them greater, ``correlations``
    (documents, documents) those between them, or None if they are independent (segments.py);
    ``thousands`` is how many times 1,000 draws bootstrap and permutation take.
    """

    bits: Sequence[Floats]
    characters: Floats
    inflation: float = 1.0
    correlations: Floats | None = None
    thousands: int = THOUSANDS

    @cached_property
    def means(self) -> Floats:
        """Bits averaged over seeds (columns, documents)."""
        return np.stack([bits.mean(axis=0) for bits in self.bits])

    def fewest_first(self) -> list[int]:
        """The columns' positions, from the fewest bits to the most: an order that does not depend on theirs."""
        return np.argsort(self.means.sum(axis=1), kind="stable").tolist()  # type: ignore[no-any-return]

    def ordered(self, order: Sequence[int]) -> Self:
        """The same columns in another order."""
        return replace(self, bits=[self.bits[position] for position in order])

    @cached_property
    def seed_variance(self) -> SeedVariance:
        """The pooled variance of seeds."""
        return seed_variance(self.bits, self.characters)

    @cached_property
    def inverse_seeds(self) -> Floats:
        """1 / number of seeds, by column; 0 where it is known that seeds make no difference."""
        return np.array([1 / len(bits) if len(bits) == 1 or differing(bits) else 0.0 for bits in self.bits])

    @cached_property
    def seed_variances(self) -> Floats:
        """What seeds add to the variance of each pair's difference (pairs,)."""
        a, b = pair_indices(len(self.bits))
        variances: Floats = self.seed_variance.of_one * (self.inverse_seeds[a] + self.inverse_seeds[b])
        return variances

    @cached_property
    def pairs(self) -> Pairs:
        """All pairs as measured, with their variances over documents; no difference where only rounding differs."""
        pairs = all_pairs(self.means, self.characters)
        a, b = pair_indices(len(self.bits))
        rates = np.abs(self.means.sum(axis=1)) / self.characters.sum()
        same = np.abs(pairs.differences) <= ROUNDING * np.maximum(rates[a], rates[b])
        return Pairs(np.where(same, 0.0, pairs.differences), pairs.variances * self.inflation)

    @cached_property
    def t(self) -> Floats:
        """The studentised differences (pairs,), as measured: both variances, inflated, are in the standard error."""
        return Pairs(self.pairs.differences, self.pairs.variances + self.seed_variances).studentised()

    def with_seeds(self, drawn: Pairs, rng: np.random.Generator) -> Floats:
        """Studentised draws (draws, pairs) after seeds have added to the differences, and to their standard errors."""
        of_one = self.seed_variance.of_one
        if of_one == 0:
            return drawn.studentised()
        seeds = self.of_seeds(len(drawn.differences), rng)
        return Pairs(
            drawn.differences + math.sqrt(of_one) * seeds.differences, drawn.variances + of_one * seeds.variances
        ).studentised()

    def of_seeds(self, draws: int, rng: np.random.Generator) -> Pairs:
        """What seeds add (draws, pairs) if the variance of one is 1; each draw's estimate of it is a multiple of χ²."""
        a, b = pair_indices(len(self.bits))
        effects = rng.normal(size=(draws, len(self.bits))) * np.sqrt(self.inverse_seeds)
        free = self.seed_variance.degrees_of_freedom
        estimates = rng.chisquare(free, (draws, 1)) / free
        return Pairs(effects[:, a] - effects[:, b], estimates * (self.inverse_seeds[a] + self.inverse_seeds[b]))

    @cached_property
    def power_weights(self) -> Floats:
        """How likely each of the powers of the length is, given the residuals (powers,); their sum is 1.

        One standard deviation is fitted for all columns: for K − 1 independent differences in D documents with relative
        standard deviations s_d (whose product is 1), the likelihood is Σ (e_d / s_d)² to the power of −(K−1)(D−1)/2.
        """
        rates = self.means / self.characters
        rates = rates - rates.mean(axis=0)
        squares = np.zeros(len(POWERS))
        for i, power in enumerate(POWERS):
            precisions = np.exp(-2 * power * (np.log(self.characters) - np.log(self.characters).mean()))
            centres = (rates * precisions).sum(axis=1, keepdims=True) / precisions.sum()
            squares[i] = (precisions * (rates - centres) ** 2).sum()
        if not squares.all():  # no residuals at all
            return np.full(len(POWERS), 1 / len(POWERS))
        logs = -(len(self.bits) - 1) * (len(self.characters) - 1) / 2 * np.log(squares / squares.min())
        likelihoods: Floats = np.exp(logs) / np.exp(logs).sum()
        return likelihoods

    def bootstrap(self, draws: int, rng: np.random.Generator, *, independent: bool = False) -> Floats:
        """Draws (draws, pairs) of |t| around the truth: each power of the length has its share of them.

        The columns keep their covariance, or are ``independent``.
        """
        shares = np.rint(np.cumsum([0, *self.power_weights]) * draws).astype(int)
        return np.concatenate(
            [
                self.mixed(power, np.eye(len(self.bits)) if independent else self.loadings(power), n, rng)
                for power, n in zip(POWERS, np.diff(shares), strict=True)
            ]
        )

    def deviations(self, power: float) -> Floats:
        """The standard deviation of each document's bits (documents,), up to a factor, by a power of its length."""
        deviations: Floats = self.characters ** (1 + power)
        return deviations

    def loadings(self, power: float) -> Floats:
        """What columns make of independent normal weights (columns, dimensions) to scatter as their residuals do.

        Residuals are e_kd = bits_kd − rate_k · n_d, divided by the standard deviation of their document. Loadings times
        as many weights as the residuals have dimensions are distributed as the residuals times one weight for each
        document.
        """
        centred = self.means - self.means.mean(axis=0)
        rates = centred.sum(axis=1, keepdims=True) / self.characters.sum()
        residuals = (centred - rates * self.characters) / self.deviations(power)
        left, sizes, _ = np.linalg.svd(residuals, full_matrices=False)
        loadings: Floats = left * sizes
        return loadings

    def mixed(self, power: float, loadings: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """Draws (draws, pairs) of |t| of documents whose bits per character scatter as a power of their length.

        Normal weights, the same for all columns, are loaded on the columns and multiplied by each document's standard
        deviation. So the columns have the covariance of their ``loadings``, and a draw has documents as unequal as the
        real ones.
        """
        documents, sd = len(self.characters), self.deviations(power)
        correlations = np.eye(documents) if self.correlations is None else self.correlations
        weights = rng.normal(size=(draws, loadings.shape[1], documents))
        if self.correlations is not None:
            weights = weights @ np.linalg.cholesky(correlations).T
        drawn = all_pairs(loadings @ weights * sd, self.characters)  # of (draws, columns, documents)
        a, b = pair_indices(len(self.bits))
        expected = residual_variance(self.characters, np.outer(sd, sd) * correlations)
        expected = expected * ((loadings[a] - loadings[b]) ** 2).sum(axis=1)  # (pairs,)
        scale = np.divide(
            self.pairs.variances / self.inflation, expected, out=np.zeros_like(expected), where=expected > 0
        )
        return self.with_seeds(Pairs(drawn.differences * np.sqrt(scale), drawn.variances * scale * self.inflation), rng)

    def critical_values(self, rng: np.random.Generator, pairs: Sequence[int] | None = None) -> Floats:
        """How many standard errors half of each interval has (pairs,), where these pairs, or all, are read together.

        It is the 95 % quantile of the largest |t| over these pairs, and at least that of the seeds alone; with few
        documents also at least that of independent columns.
        """
        chosen = slice(None) if pairs is None else list(pairs)

        def quantile(draw: Callable[[], Floats]) -> float:
            drawn = [draw()[:, chosen].max(axis=1) for _ in range(self.thousands)]
            return float(np.quantile(np.concatenate(drawn), 1 - ALPHA))

        largest = quantile(lambda: self.bootstrap(AT_ONCE, rng))
        if len(self.characters) < TELLING_DOCUMENTS and len(self.bits) > 2:
            largest = max(largest, quantile(lambda: self.bootstrap(AT_ONCE, rng, independent=True)))
        critical = np.full(len(self.t), largest)
        if self.seed_variance.measured == 0:
            return critical
        a, b = pair_indices(len(self.bits))
        alone = self.seed_variance.measured * (self.inverse_seeds[a] + self.inverse_seeds[b])
        errors = self.pairs.variances + self.seed_variances
        share = np.divide(alone, errors, out=np.zeros_like(alone), where=errors > 0)
        of_seeds = quantile(lambda: self.of_seeds(AT_ONCE, rng).studentised())
        values: Floats = np.maximum(critical, of_seeds * np.sqrt(share))
        return values

    def permuted(self, blocks: Sequence[Sequence[int]], draws: int, rng: np.random.Generator) -> Floats:
        """Draws (draws, pairs) of |t| after the columns of each block have changed places within each document.

        The effect of a document on a column is common to its seeds, so the means over seeds change places; what the
        seeds add is drawn as for the bootstrap.
        """
        documents = len(self.characters)
        order = np.tile(np.arange(len(self.bits))[:, None], (draws, 1, documents))  # (draws, columns, documents)
        for block in blocks:
            turned = rng.random((draws, len(block), documents)).argsort(axis=1)
            order[:, block] = np.asarray(block)[turned]
        return self.with_seeds(all_pairs(self.means[order, np.arange(documents)], self.characters), rng)

    def flipped(self) -> Floats:
        """|t| (2^documents, 1) of two columns for each way to exchange them within documents."""
        flips = np.array(list(product((0, 1), repeat=len(self.characters))))  # (2^documents, documents)
        order = np.stack([flips, 1 - flips], axis=1)
        return all_pairs(self.means[order, np.arange(len(self.characters))], self.characters).studentised()

    def adjusted_p(self, rng: np.random.Generator) -> Floats:
        """p of each pair (pairs,), adjusted for all: step-down, with the largest |t| of permuted columns as statistic.

        From the largest |t| down, p is how often the largest of the pairs left is at least as large after a
        permutation, and never less than before (Westfall & Young 1993, algorithm 2.8). Columns that nothing connects
        any longer, because each pair between them is rejected, are no longer exchanged. Two columns of up to 13
        documents, of whose seeds nothing is known, are exchanged in all 2^D ways, one of which leaves them as they are;
        otherwise 10,000 are drawn, and p = (1 + count) / (1 + draws). So p is never 0 (Phipson & Smyth 2010).
        """
        least = smallest_p(len(self.characters), len(self.bits))
        if self.enumerable:
            exact: Floats = np.maximum((self.flipped() >= least_as_large(self.t)).mean(axis=0), least)
            return exact
        p = np.zeros(len(self.t))
        left = [int(pair) for pair in np.argsort(-self.t, kind="stable")]
        blocks: list[list[int]] = []
        drawn, reached = np.zeros(0), 0.0
        while left:
            if reached <= ALPHA and blocks != (connected := self.connected(left)):
                blocks = connected
                drawn = np.concatenate([self.permuted(blocks, AT_ONCE, rng) for _ in range(self.thousands)])
            count = int((drawn[:, left].max(axis=1) >= least_as_large(self.t[left[0]])).sum())
            reached = max(reached, (1 + count) / (1 + len(drawn)), least)
            p[left.pop(0)] = reached
        return p

    @property
    def enumerable(self) -> bool:
        """Whether there is no chance in p: two columns, few documents, and nothing known about seeds."""
        return len(self.bits) == 2 and len(self.characters) <= ENUMERATED_DOCUMENTS and self.seed_variance.of_one == 0

    def connected(self, pairs: Sequence[int]) -> list[list[int]]:
        """The groups of two or more columns that these pairs connect."""
        a, b = pair_indices(len(self.bits))
        group = list(range(len(self.bits)))  # of each column
        for pair in pairs:
            joined, other = group[a[pair]], group[b[pair]]
            group = [joined if of_column == other else of_column for of_column in group]
        members = [[k for k, of_column in enumerate(group) if of_column == name] for name in dict.fromkeys(group)]
        return [block for block in members if len(block) > 1]

    def contrasts(self, seed: int = 0) -> list[Difference]:
        """All pairs of columns, a before b; ``seed`` is for the draws, which do not depend on the columns' order."""
        order = self.fewest_first()
        drawn, places = self.ordered(order), pair_places(order)
        critical = drawn.critical_values(np.random.default_rng([seed, 0]))[places]
        p = drawn.adjusted_p(np.random.default_rng([seed, 1]))[places]
        differences = []
        for i, (a, b) in enumerate(combinations(range(len(self.bits)), 2)):
            estimate = float(self.pairs.differences[i])
            lower, higher = (self.means[a], self.means[b]) if estimate < 0 else (self.means[b], self.means[a])
            differences.append(
                Difference(
                    estimate,
                    float(self.pairs.variances[i]),
                    float(self.seed_variances[i]),
                    float(critical[i]),
                    len(self.characters),
                    (len(self.bits[a]), len(self.bits[b])),
                    len(self.bits),
                    float(p[i]),
                    int((lower < higher).sum()),
                )
            )
        return differences


def least_as_large(t: Floats) -> Floats:
    """The least |t| that counts as being as large: the same sums in another order differ in their last digits."""
    return t * (1 - 1e3 * ROUNDING)


def smallest_p(documents: int, columns: int) -> float:
    """The smallest p that permuting columns within documents can give.

    Exchanging them in the same way everywhere leaves the largest |t|: K!^(1−D). More than 13 documents, or more than
    two columns, are drawn: at least 1/(1 + draws).

    >>> smallest_p(4, 2), round(smallest_p(2, 3), 4)
    (0.125, 0.1667)
    """
    drawn = columns > 2 or documents > ENUMERATED_DOCUMENTS
    return max(float(math.factorial(columns)) ** (1 - documents), resolution() if drawn else 0.0)


def resolution() -> float:
    """The smallest p of permutations that are drawn."""
    return 1 / (1 + THOUSANDS * AT_ONCE)
