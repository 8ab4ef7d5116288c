"""Intervals, p and power against definitions written out, scipy's tests, and simulations."""

import math
from dataclasses import replace
from functools import partial
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.helpers.intervals import Case, fold_trials, held_and_beaten, trials
from toolkit.evaluation.estimate import Estimate, documents_needed, permutations_needed, seeds_needed, smallest_p
from toolkit.evaluation.statistics import LENGTH_POWERS, Columns, power_weights, residual_variance
from toolkit.results.text import ALPHA

CHARACTERS = np.array([9000.0, 11000.0, 20000.0, 5000.0, 14000.0, 8000.0, 10000.0, 12000.0, 7000.0])
EQUAL = np.full(9, 10_000.0)
UNEQUAL = np.array([20_000.0, 1_000, 2_000, 500, 8_000, 3_000])
SDS = st.sampled_from([0.0, 0.003, 0.01, 0.015])
NEIGHBOURS = 0.6 ** np.abs(np.subtract.outer(np.arange(6), np.arange(6)))


def columns(means, seeds=1, seed_sd=0.01, seed=0, characters=CHARACTERS):
    """Bits (seeds, documents) of each column: a mean plus effects of documents, of seeds, and of both."""
    rng = np.random.default_rng(seed)
    common = 0.3 * rng.normal(size=len(characters))
    bits = []
    for mean in means:
        rates = mean + common + 0.03 * rng.normal(size=len(characters)) + seed_sd * rng.normal(size=(seeds, 1))
        bits.append((rates + 0.01 * rng.normal(size=(seeds, len(characters)))) * characters)
    return bits


def critical(measured):
    return measured.critical_values(np.random.default_rng(0))


def p_values(bits, characters, **keys):
    return Columns(bits, characters, **keys).adjusted_p(np.random.default_rng(0))


def jackknife(bits, characters=CHARACTERS):
    """The variance of a rate, by leaving out each document in turn."""
    number = len(characters)
    without = [np.delete(bits, d).sum() / np.delete(characters, d).sum() for d in range(number)]
    return (number - 1) / number * sum((rate - bits.sum() / characters.sum()) ** 2 for rate in without)


def test_variances_over_documents_and_seeds_are_the_jackknifes():
    """The seed variance is without the interaction of seed and document, which the documents' variance has."""
    measured = Columns([*columns([2.5], seeds=4), *columns([2.6], seeds=2, seed=1)], CHARACTERS, 1.5)
    (estimate,) = replace(measured, thousands=1).contrasts()
    means = [bits.mean(axis=0) for bits in measured.bits]
    assert estimate.estimate == pytest.approx((means[0] - means[1]).sum() / CHARACTERS.sum())
    assert estimate.document_variance == pytest.approx(1.5 * jackknife(means[0] - means[1]))
    effects = [deviations for bits in measured.bits for deviations in bits - bits.mean(axis=0)]  # of seeds
    between = sum((deviations.sum() / CHARACTERS.sum()) ** 2 for deviations in effects)
    interaction = sum(map(jackknife, effects))
    variance = measured.seed_variance
    assert interaction > 0.01 * between
    assert variance.of_one == pytest.approx((between - interaction) / (3 + 1))
    assert (variance.measured, variance.degrees_of_freedom) == (pytest.approx(between / (3 + 1)), 3 + 1)
    assert estimate.seed_variance == pytest.approx(variance.of_one * (1 / 4 + 1 / 2))
    assert estimate.half_width == estimate.critical * (estimate.document_variance + estimate.seed_variance) ** 0.5
    assert (estimate.seeds, estimate.documents, estimate.columns) == ((4, 2), 9, 2)
    assert estimate.fewer == sum(means[0] < means[1])  # 2.5 is less than 2.6


@pytest.mark.parametrize(("number", "factor"), [(3, 1 / 4), (1, 1 + 1 / 4)], ids=["counted", "one seed"])
def test_a_column_without_a_seed_variance_leaves_that_of_another_as_it_is(number, factor):
    """A counted column has none, and one seed gives none."""
    trained, without = columns([2.5], seeds=4, seed_sd=0.05), np.repeat(2.4 * CHARACTERS[None], number, axis=0)
    (estimate,) = Columns([without, *trained], CHARACTERS, thousands=1).contrasts()
    assert estimate.seed_variance == pytest.approx(Columns(trained, CHARACTERS).seed_variance.of_one * factor)


def test_the_expected_jackknife_is_that_of_each_rate_without_a_document():
    """A rate without document d minus the rate is a sum of bits with weights, whose variance has the covariance."""
    sd = UNEQUAL**0.75
    covariance, expected = np.outer(sd, sd) * NEIGHBOURS, 0.0
    for d in range(6):
        weights = (np.arange(6) != d) / np.delete(UNEQUAL, d).sum() - 1 / UNEQUAL.sum()
        expected += 5 / 6 * weights @ covariance @ weights
    assert residual_variance(UNEQUAL, covariance) == pytest.approx(expected)


def test_the_dependence_of_scatter_on_length_has_the_likelihood_of_its_definition():
    """What documents add to all columns changes nothing. Without residuals, each power is as likely."""
    rng = np.random.default_rng(4)
    lengths = 20_000 * np.exp(rng.normal(size=8))
    rates = 2 + 0.03 * (lengths / 20_000) ** -0.25 * rng.normal(size=(3, 8))
    likelihoods, residuals = [], rates - rates.mean(axis=0)
    for power in LENGTH_POWERS:
        sd = lengths**power / stats.gmean(lengths**power)
        centres = [np.average(of_column, weights=sd**-2) for of_column in residuals]
        squares = sum((((e - centre) / sd) ** 2).sum() for e, centre in zip(residuals, centres, strict=True))
        likelihoods.append(squares ** (-2 * 7 / 2))
    weights = power_weights((rates + rng.normal(size=8)) * lengths, lengths)
    assert weights == pytest.approx(np.array(likelihoods) / sum(likelihoods))
    assert weights.max() < 0.9
    assert power_weights(np.array([lengths, lengths]), lengths).tolist() == [1 / 3] * 3


@pytest.mark.parametrize("correlations", [None, NEIGHBOURS], ids=["independent", "correlated"])
def test_critical_values_are_those_of_residuals_mixed_document_by_document(correlations):
    """Written out: residuals times a whole matrix of weights, and the jackknife by leaving documents out."""
    first, second, third = columns([2.5, 2.6, 2.4], seed=8, characters=UNEQUAL)
    bits = [first, second, 0.9 * second + 0.1 * third]
    measured = Columns(bits, UNEQUAL, 1.5, correlations, thousands=40)
    rng, bits = np.random.default_rng(0), np.concatenate(bits)  # one seed each
    shares = np.rint(60_000 * power_weights(bits, UNEQUAL)).astype(int)
    bits -= bits.mean(axis=0)
    a, b = np.triu_indices(3, 1)
    largest = []
    for exponent, number in zip(LENGTH_POWERS, shares, strict=True):
        sd = UNEQUAL ** (1 + exponent)
        weights = rng.normal(size=(number, 6, 6))
        if correlations is not None:
            weights = weights @ np.linalg.cholesky(correlations).T
        simulated = ((bits - bits.sum(1, keepdims=True) / UNEQUAL.sum() * UNEQUAL) / sd) @ weights * sd
        apart = simulated[:, a] - simulated[:, b]
        total = apart.sum(2, keepdims=True)
        without = (total - apart) / (UNEQUAL.sum() - UNEQUAL)
        variances = 5 / 6 * ((without - total / UNEQUAL.sum()) ** 2).sum(2)
        largest.append(np.max(np.abs(total[..., 0]) / UNEQUAL.sum() / np.sqrt(1.5 * variances), axis=1))
    assert critical(measured)[0] == pytest.approx(np.quantile(np.concatenate(largest), 0.95), rel=0.02)


def test_seeds_that_alone_scatter_give_the_t_test_of_seeds():
    a, b = 2 + 0.03 * np.random.default_rng(1).normal(size=(2, 3, 1))
    (estimate,) = Columns([a * EQUAL, b * EQUAL], EQUAL, thousands=30).contrasts()
    test = stats.ttest_ind(a[:, 0], b[:, 0])
    low, high = test.confidence_interval(0.95)
    assert estimate.half_width == pytest.approx((high - low) / 2, rel=0.03)
    assert estimate.p == pytest.approx(test.pvalue, abs=0.01)


def test_critical_values_grow_with_the_number_of_columns_up_to_bonferronis():
    for documents in (2, 9):  # from two documents, a draw of residuals has the same |t| for all pairs
        lengths = EQUAL[:documents]
        largest = [critical(Columns(columns([2.5] * n, characters=lengths), lengths))[0] for n in (2, 3, 9)]
        bounds = [stats.t.ppf(1 - ALPHA / 2 / math.comb(n, 2), documents - 1) for n in (2, 3, 9)]
        assert largest[0] == pytest.approx(bounds[0], rel=0.1)
        assert largest[0] < 0.8 * largest[1] < 0.8 * largest[2] < 0.85 * bounds[2]
    three = Columns(columns([2.5] * 3, characters=EQUAL), EQUAL)
    assert three.critical_values(np.random.default_rng(0), [0])[0] == pytest.approx(
        stats.t.ppf(0.975, 8), rel=0.1
    )
    for documents, kept in ((5, False), (6, True)):  # residuals of few say too little about what columns share
        first, second, third = columns([2.5, 2.6, 2.4], characters=EQUAL[:documents])
        thirds = (second + third / 99, third)
        alike, apart = (Columns([first, second, bits], EQUAL[:documents]) for bits in thirds)
        assert (critical(alike)[0] < 0.95 * critical(apart)[0]) == kept
    many = np.full(1_000, 10_000.0)  # a dimension of weights per document, not per column, would take 8 GB
    normal = critical(Columns(columns([2.5] * 3, characters=many), many, thousands=1))
    assert normal[0] == pytest.approx(stats.studentized_range.ppf(0.95, 3, np.inf) / math.sqrt(2), rel=0.06)


def test_an_interval_is_never_narrower_than_the_seeds_make_it():
    """Documents explain all differences between seeds, so the seed variance is 0, though seeds do differ."""
    opposite, few = np.array([[30.0, -20.0, 0.0], [-30.0, 20.0, 0.0]]), np.array([0.3, 0.1, 0.2])
    measured = Columns([20_000 + opposite, 20_100 + opposite + few], EQUAL[:3])
    assert measured.seed_variance.of_one == 0
    (estimate,) = measured.contrasts()
    least = stats.t.ppf(0.975, 2) * math.sqrt(measured.seed_variance.measured)  # of 1/2 + 1/2 seeds
    assert estimate.half_width == pytest.approx(least, rel=0.05)
    assert Columns([measured.bits[0], measured.bits[0].copy()], EQUAL[:3]).contrasts()[0].half_width == 0


@pytest.mark.parametrize(("third", "tolerance"), [(False, 1e-9), (True, 0.01)], ids=["enumerated", "drawn"])
def test_p_is_scipys_permutation_test(third, tolerance):
    """A third column that is far away is not exchanged with the two others once it is rejected."""
    x = np.random.default_rng(7).normal(0.4, 1, 10)
    options = {"permutation_type": "samples", "n_resamples": np.inf, "alternative": "two-sided"}
    rates = [2000 + x[None] / 2, 2000 - x[None] / 2]  # |t| grows with |sum|
    expected = stats.permutation_test((x,), np.sum, **options).pvalue
    p = p_values([*rates, 9000 + 0 * x[None]] if third else rates, np.full(10, 1000.0))
    assert p[0] == pytest.approx(expected, abs=tolerance)
    assert p[1:].tolist() == [1 / 10_001] * (2 * third)  # the drawn permutations and the measured order


def test_p_is_never_below_that_of_one_exchange_in_all_documents():
    apart = columns([2.0, 2.5], characters=EQUAL)
    assert [p_values(apart, EQUAL, inflation=inflation)[0] for inflation in (1.0, 0.9)] == [2**-8, 2**-8]
    assert p_values(columns([2.0, 2.5, 3.0], characters=EQUAL[:3]), EQUAL[:3]).min() == pytest.approx(1 / 36)
    many = np.full(14, 1000.0)
    enumerable = [Columns(columns([2.0, 2.5], characters=many[:n]), many[:n]).enumerable for n in (13, 14)]
    assert enumerable == [True, False]
    sizes = {(4, 2): 1 / 8, (3, 3): 1 / 36, (13, 2): 1 / 4096, (14, 2): 1 / 8192, (15, 2): 1 / 10_001}
    assert {size: smallest_p(*size) for size in sizes} == pytest.approx(sizes)
    assert [permutations_needed(2), permutations_needed(9), permutations_needed(2, 0.01)] == [6, 2, 8]


def test_equal_columns_beside_a_far_one_are_rarely_distinguished():
    """Strong control of the familywise error. Holm's adjustment of sign flips cannot go below 15 · 2^(1−9) = 0.06."""
    wrong = 0
    for seed in range(60):
        bits = columns([3.0, *[2.5] * 5], seed_sd=0.0, seed=seed, characters=EQUAL)
        measured = Columns(bits, EQUAL, thousands=1)
        p = measured.adjusted_p(np.random.default_rng(0))
        assert p[:5].max() <= ALPHA
        assert (np.diff(p[np.argsort(-measured.t)]) >= 0).all()  # adjusted upwards in order
        wrong += p[5:].min() <= ALPHA
    assert 0 < wrong <= 6  # 3 expected


@pytest.mark.parametrize(("documents", "seeds"), [(9, 3), (40, 2)])
def test_the_order_of_columns_changes_only_signs(documents, seeds):
    lengths = np.random.default_rng(7).uniform(3e3, 3e4, documents)
    measured = Columns(columns([2.5, 2.52, 2.54, 2.51], seeds, characters=lengths), lengths, thousands=1)
    first = dict(zip(combinations(range(4), 2), measured.contrasts(), strict=True))
    for order in list(permutations(range(4)))[::5]:
        again = measured.ordered(order).contrasts()
        for (a, b), estimate in zip(combinations(order, 2), again, strict=True):
            expected, sign = (first[a, b], 1) if a < b else (first[b, a], -1)
            assert (estimate.p, estimate.critical) == (expected.p, expected.critical)
            assert estimate.fewer == expected.fewer
            assert estimate.estimate == pytest.approx(sign * expected.estimate, rel=1e-9)


@pytest.mark.parametrize(
    ("simulated", "coverage", "false_beats"),
    [
        (trials(Case(13, 1, 9), 80), 0.90, 0.06),  # Lovecraft's lengths; standard error 2.4 %
        (trials(Case(1, 1, 2), 80), 0.90, 0.06),
        (trials(Case(2, 1, 9), 150), 0.88, 0.12),  # with the covariance of two residuals alone, coverage was 18 %
        (trials(Case(9, 2, 2, "seeds"), 600), 0.94, 0.06),
        (fold_trials(Case(45, 1, 2, "differs"), 120), 0.90, 0.10),
    ],
)
def test_intervals_hold_and_equal_columns_are_not_distinguished(simulated, coverage, false_beats):
    held, beaten = held_and_beaten(simulated)
    assert held >= coverage
    assert beaten <= false_beats


def test_power_at_the_smallest_detectable_difference_is_80_percent():
    """An interval that ends at 0 includes it."""
    estimate = Estimate(0.0, 0.1**2 / 9, 0.0, stats.t.ppf(0.975, 8), 9, (1, 1))
    assert estimate.smallest_detectable == pytest.approx(stats.t.ppf([0.975, 0.8], 8).sum() * 0.1 / 3)
    noncentral = stats.nct.sf(stats.t.ppf(0.975, 8), 8, estimate.smallest_detectable / (0.1 / 3))
    assert noncentral == pytest.approx(0.8, abs=0.02)
    assert not replace(estimate, estimate=-estimate.half_width).excludes_zero
    assert replace(estimate, estimate=-1.01 * estimate.half_width).excludes_zero


@given(SDS, SDS, st.integers(1, 4), st.integers(2, 3), st.floats(1, 2))
@example(0.003, 0.015, 4, 2, 1.0)  # critical values that do not fall below the documents'
@settings(max_examples=60)
def test_needed_numbers_are_the_first_that_detect_the_difference(document_sd, seed_sd, seeds, number, wider):
    """Critical values fall as Bonferroni's t does: with more documents, or with more seeds down to the documents'."""

    def with_documents(n: int) -> Estimate:
        return replace(now, documents=n, document_variance=document_sd**2 * 9 / n, critical=wider * t(n - 1))

    def with_seeds(n: int) -> Estimate:
        falling = now.critical / t(number * (seeds - 1)) * t(number * (n - 1))
        return replace(now, seed_variance=seed_sd**2 * seeds / n, critical=min(now.critical, max(t(8), falling)))

    t = partial(stats.t.ppf, 1 - ALPHA / 2 / math.comb(number, 2))  # of degrees of freedom
    now = Estimate(0.02, document_sd**2, seed_sd**2, wider * t(8), 9, (seeds, seeds + 1), number)
    numbers = [(documents_needed(now), 9, with_documents), (seeds_needed(now), seeds, with_seeds)]
    for needed, start, more in numbers:
        if needed is not None:
            assert more(needed).smallest_detectable <= 0.02
            fewer = needed - (1 if needed < start + 300 else needed // 20)
            assert fewer == start or more(fewer).smallest_detectable > 0.02
        elif more is with_documents or (seeds > 1 and seed_sd):
            assert more(10**6).smallest_detectable > 0.02
    assert documents_needed(replace(now, estimate=0.0)) is None
