"""Which of two columns needs fewer bits per character, and how certain that is.

The unit is the document, since the words within one are dependent. Bits are sums (seeds, documents); the estimate is
a difference of ratios of sums. Both columns have the same documents; seed 1 of one column is unrelated to seed 1 of the
other (they are different networks), and the columns may have different numbers of seeds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from toolkit.events.distribution import Floats

ALPHA = 0.05  # two-sided: intervals are 95 % intervals
POWER = 0.8
ENUMERATED_DOCUMENTS = 14  # 2^14 sign flips are enumerated; for more documents they are drawn
DRAWS = 10_000
ROUNDING = 1e-12  # sums of bits per character that differ by less are the same sum in a different order
MOST = 1_000_000  # documents or seeds: beyond that, no number is given


@dataclass(frozen=True)
class Difference:
    """Column a minus column b in bits per character.

    ``document_variance`` and ``seed_variance`` are what each adds to the variance of the estimate. ``contrasts`` is the
    number of contrasts read together: the intervals are wide enough that all of them contain the truth in 95 % of
    comparisons (Bonferroni).
    """

    estimate: float
    document_variance: float
    seed_variance: float
    degrees_of_freedom: float
    documents: int
    seeds: tuple[int, int]
    contrasts: int = 1

    @property
    def standard_error(self) -> float:
        """The square root of the sum of both variances."""
        return math.sqrt(self.document_variance + self.seed_variance)

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval: t · SE."""
        return t_quantile(1 - ALPHA / 2 / self.contrasts, self.degrees_of_freedom) * self.standard_error

    @property
    def smallest_detectable(self) -> float:
        """(t_0.975 + t_0.8) · SE: the true difference detected with 80 % power at 5 %, two-sided."""
        return detection_factor(self.degrees_of_freedom, self.contrasts) * self.standard_error

    @property
    def decided(self) -> bool:
        """Whether the 95 % interval excludes 0."""
        return abs(self.estimate) > max(self.half_width, ROUNDING)


def t_quantile(probability: float, degrees_of_freedom: float) -> float:
    """The quantile of Student's t.

    >>> round(t_quantile(0.975, 8), 3)
    2.306
    """
    return float(stdtrit(degrees_of_freedom, probability))


def detection_factor(degrees_of_freedom: float, contrasts: int = 1) -> float:
    """How many standard errors a true difference needs to be detected with 80 % power: t_0.975 + t_0.8.

    For several ``contrasts`` the first quantile is that of their intervals.

    >>> round(detection_factor(1e9), 2)
    2.8
    """
    return t_quantile(1 - ALPHA / 2 / contrasts, degrees_of_freedom) + t_quantile(POWER, degrees_of_freedom)


def bits_per_character(bits: Floats, characters: Floats) -> float:
    """The ratio of sums, averaged over seeds.

    >>> bits_per_character(np.array([[10.0, 20.0], [20.0, 40.0]]), np.array([5.0, 10.0]))
    3.0
    """
    return float(bits.sum(axis=1).mean() / characters.sum())


def pseudovalues(bits: Floats, characters: Floats) -> Floats:
    """Jackknife pseudovalues (seeds, documents): D·R − (D−1)·R without document d, R being the seed's ratio of sums.

    They behave like D independent observations with mean R (Tukey 1958); if all documents are equally long, they are
    the documents' own ratios.

    >>> pseudovalues(np.array([[10.0, 20.0]]), np.array([5.0, 5.0])).tolist()
    [[2.0, 4.0]]
    """
    documents = bits.shape[1]
    total = bits.sum(axis=1, keepdims=True)  # (seeds, 1)
    without = (total - bits) / (characters.sum() - characters)  # (seeds, documents)
    pseudo: Floats = documents * total / characters.sum() - (documents - 1) * without
    return pseudo


def seed_and_interaction_variance(table: Floats) -> tuple[float, float]:
    """What the mean squares of seeds and interaction add to the variance of the mean of a table (seeds, documents).

    MS_seeds / (S·D) and MS_interaction / (S·D) of the two-way table; both 0 with one seed, which can show neither.
    """
    seeds, documents = table.shape
    if seeds == 1:
        return 0.0, 0.0
    row, column = table.mean(axis=1, keepdims=True), table.mean(axis=0)
    residual = table - row - column + table.mean()
    interaction = float((residual**2).sum()) / ((seeds - 1) * (documents - 1))
    return float(row.var(ddof=1)) / seeds, interaction / (seeds * documents)


def difference(a: Floats, b: Floats, characters: Floats) -> Difference:
    """Column a minus column b, from the bits (seeds, documents) of each; documents and seeds are two random effects.

    The pseudovalue of column k, seed s, document d is modelled as μ_k + δ_kd + σ_ks + ε_ksd, documents crossed with
    seeds. The difference, averaged over seeds, has a document part δ_ad − δ_bd, common to all seeds, so

        Var = Var(δ_a − δ_b)/D  +  Σ_k ( Var(σ_k)/S_k + Var(ε_k)/(S_k·D) ).

    Three mean squares estimate it. Over documents, of the seed-averaged differences: V_D has the expectation
    Var(δ_a − δ_b)/D + Σ_k Var(ε_k)/(S_k·D), and is the delete-one-document jackknife variance. Over the seeds of one
    column: V_k has the expectation Var(σ_k)/S_k + Var(ε_k)/(S_k·D). The interaction: E_k has the expectation
    Var(ε_k)/(S_k·D), which the first two count twice. Hence Var = V_D + max(0, Σ_k (V_k − E_k)). Each mean square is a
    multiple of χ², and Satterthwaite's degrees of freedom of a sum of them are

        Var² / ( V_D²/(D−1) + Σ_k V_k²/(S_k−1) + Σ_k E_k²/((S_k−1)(D−1)) ),

    and D − 1 if the seeds add nothing or there is only one. A sum of mean squares never has fewer than the least of its
    terms; the formula, misled by the subtraction, can give fewer: then the least is taken. (Jackknife with two
    random effects: Dorfman, Berbaum & Metz 1992, there cases and readers; degrees of freedom: Satterthwaite 1946,
    Hillis 2007.)
    """
    documents = len(characters)
    tables = pseudovalues(a, characters), pseudovalues(b, characters)
    by_document = tables[0].mean(axis=0) - tables[1].mean(axis=0)  # (documents,)
    document_variance = float(by_document.var(ddof=1)) / documents
    parts = [(len(table) - 1, *seed_and_interaction_variance(table)) for table in tables if len(table) > 1]
    seed_variance = max(0.0, sum(seed_part - interaction for _, seed_part, interaction in parts))
    degrees_of_freedom = float(documents - 1)
    if seed_variance > 0:
        chance = document_variance**2 / (documents - 1)
        for free, seed_part, interaction in parts:
            chance += seed_part**2 / free + interaction**2 / (free * (documents - 1))
        least = min(documents - 1, *(free for free, _, _ in parts))
        degrees_of_freedom = max(least, (document_variance + seed_variance) ** 2 / chance)
    return Difference(
        bits_per_character(a, characters) - bits_per_character(b, characters),
        document_variance,
        seed_variance,
        degrees_of_freedom,
        documents,
        (len(a), len(b)),
    )


def sign_flip_p(differences: Floats, rng: np.random.Generator) -> float:
    """Two-sided p of the paired permutation test: how often flipped signs give a sum at least as far from 0.

    ``differences`` (documents,) are bits of a minus bits of b, averaged over seeds. Up to 2^14 flips are enumerated,
    so p is at least 2 / 2^D; for more documents 10,000 are drawn and p = (1 + count) / (1 + draws), never 0
    (Phipson & Smyth 2010).

    >>> sign_flip_p(np.array([1.0, 2.0, 3.0]), np.random.default_rng(0))
    0.25
    """
    documents = len(differences)
    limit = abs(differences.sum()) - ROUNDING * np.abs(differences).sum()
    if documents <= ENUMERATED_DOCUMENTS:
        flips = np.arange(2**documents)[:, None] >> np.arange(documents) & 1  # (2^documents, documents)
        return float((np.abs((1 - 2 * flips) @ differences) >= limit).mean())
    signs = 1 - 2 * rng.integers(0, 2, (DRAWS, documents))  # (draws, documents)
    return float((1 + (np.abs(signs @ differences) >= limit).sum()) / (1 + DRAWS))


def smallest_p(documents: int) -> float:
    """The smallest p that ``sign_flip_p`` can give: 2^(1−D), or 1/(1 + draws).

    >>> smallest_p(4)
    0.125
    """
    return float(2.0 ** (1 - documents)) if documents <= ENUMERATED_DOCUMENTS else 1 / (1 + DRAWS)


def holm(p: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values (1979): the i-th smallest of m times m − i + 1, never below a smaller one's, at most 1.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(p)
    reached = 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        reached = max(reached, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = reached
    return adjusted


def documents_needed(difference: Difference) -> int | None:
    """About how many documents would show a true difference as large as the estimate, with these seeds.

    None if the seeds alone hide it, or above a million.
    """
    variance_of_one = difference.document_variance * difference.documents
    return needed(
        difference.estimate, variance_of_one, difference.seed_variance, difference.documents, difference.contrasts
    )


def seeds_needed(difference: Difference) -> int | None:
    """About how many seeds of each column would show a true difference as large as the estimate, with these documents.

    None if the documents alone hide it, if a column has one seed (the variance is unknown), if the seeds make no
    difference, or above a million.
    """
    seeds = min(difference.seeds)
    if seeds == 1 or difference.seed_variance == 0:
        return None
    return needed(
        difference.estimate, difference.seed_variance * seeds, difference.document_variance, seeds, difference.contrasts
    )


def needed(estimate: float, variance_of_one: float, other_variance: float, have: int, contrasts: int = 1) -> int | None:
    """The smallest n above ``have`` with (t_0.975 + t_0.8)² · (variance_of_one / n + other_variance) ≤ estimate².

    t has n − 1 degrees of freedom. Above 300, n is exact to within 3 %. None if there is no such n up to a million.

    >>> needed(0.1, 0.09, 0.0, 9), needed(0.1, 0.09, 0.01, 9)
    (73, None)
    """
    candidates = np.arange(have + 1, have + 300)
    candidates = np.concatenate([candidates, np.geomspace(have + 300, MOST, 300).astype(int)])
    factors = stdtrit(candidates - 1, 1 - ALPHA / 2 / contrasts) + stdtrit(candidates - 1, POWER)
    enough = factors**2 * (variance_of_one / candidates + other_variance) <= estimate**2
    return int(candidates[enough][0]) if estimate and enough.any() else None
