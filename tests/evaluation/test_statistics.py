import math
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.helpers.intervals import Case, bits, simulate, trials
from toolkit.evaluation import power, statistics, variance
from toolkit.evaluation.difference import Difference
from toolkit.evaluation.statistics import POWERS, Columns
from toolkit.events.distribution import Floats
from toolkit.results.text import ALPHA

CHARACTERS = np.array([9000.0, 11000.0, 20000.0, 5000.0, 14000.0, 8000.0, 10000.0, 12000.0, 7000.0])
EQUAL = np.full(9, 10_000.0)


def column(
    rng: np.random.Generator, mean: float, seeds: int, seed_sd: float, characters: Floats = CHARACTERS
) -> Floats:
    """Bits (seeds, documents): mean + the column's own documents, seeds and rest."""
    documents = len(characters)
    own = 0.03 * rng.normal(size=documents)
    rates = mean + own + seed_sd * rng.normal(size=(seeds, 1)) + 0.01 * rng.normal(size=(seeds, documents))
    return rates * characters


def columns(
    means: list[float], seeds: int = 1, seed_sd: float = 0.01, seed: int = 0, characters: Floats = CHARACTERS
) -> Columns:
    rng = np.random.default_rng(seed)
    return Columns([column(rng, mean, seeds, seed_sd, characters) for mean in means], characters)


def test_the_variance_over_documents_is_the_jackknifes() -> None:
    measured = columns([2.5, 2.6, 2.4], seed=2)
    for (a, b), over_documents in zip([(0, 1), (0, 2), (1, 2)], measured.pairs.variances, strict=True):
        without = []
        for d in range(9):  # delete each document and estimate anew
            keep = np.arange(9) != d
            apart = measured.bits[a][0, keep].sum() - measured.bits[b][0, keep].sum()
            without.append(apart / CHARACTERS[keep].sum())
        total = (measured.bits[a].sum() - measured.bits[b].sum()) / CHARACTERS.sum()
        assert over_documents == pytest.approx(8 / 9 * sum((x - total) ** 2 for x in without))


def test_with_one_seed_and_equal_documents_it_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(3, 0.2, 9), rng.normal(2.9, 0.2, 9)
    (difference,) = Columns([a[None] * EQUAL, b[None] * EQUAL], EQUAL).contrasts()
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert difference.estimate == pytest.approx((low + high) / 2)
    assert difference.half_width == pytest.approx((high - low) / 2, rel=0.03)  # 10,000 draws
    assert difference.standard_error == pytest.approx(stats.sem(a - b))


def test_intervals_of_several_contrasts_are_wider_but_not_wider_than_bonferronis() -> None:
    widths = [columns([2.5] * n, characters=EQUAL).critical_values(np.random.default_rng(0))[0] for n in (2, 3, 9)]
    assert widths == sorted(widths)
    for n, width in zip((2, 3, 9), widths, strict=True):
        assert width < 1.03 * stats.t.ppf(1 - ALPHA / 2 / math.comb(n, 2), 8)


def test_the_seeds_variance_is_given_back() -> None:
    # pooled over two columns with 5 and 2 seeds; on average over 400 draws, the interaction is taken out
    estimates = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        of_columns = [column(rng, 2.5, seeds, 0.02) for seeds in (5, 2)]
        estimates.append(variance.seed_variance(of_columns, CHARACTERS).of_one)
    assert np.mean(estimates) == pytest.approx(0.02**2, rel=0.1)


def test_what_documents_add_to_the_variance_of_seeds_is_estimated_by_leaving_each_out() -> None:
    rng = np.random.default_rng(6)
    of_columns = [column(rng, 2.5, seeds, 0.01) for seeds in (4, 2)]
    between = interaction = 0.0
    for of_column in of_columns:
        for own in of_column - of_column.mean(axis=0):  # a seed's
            rate = own.sum() / CHARACTERS.sum()
            without = [np.delete(own, d).sum() / np.delete(CHARACTERS, d).sum() for d in range(9)]
            between += rate**2
            interaction += 8 / 9 * sum((one - rate) ** 2 for one in without)
    found = variance.seed_variance(of_columns, CHARACTERS)
    assert interaction > 0.01 * between
    assert found.of_one == pytest.approx((between - interaction) / (3 + 1))
    assert (found.measured, found.degrees_of_freedom) == (pytest.approx(between / (3 + 1)), 3 + 1)


def test_where_documents_explain_all_that_seeds_differ_in_their_variance_is_none() -> None:
    opposite = np.array([[1.0, -1.0], [-1.0, 1.0]])  # seeds differ in each of two documents, but not in all
    found = variance.seed_variance([20_000.0 + opposite], np.full(2, 10_000.0))
    assert (found.of_one, found.measured) == (0.0, 0.0)


def test_a_difference_without_variance_is_infinitely_many_standard_errors_and_none_is_none() -> None:
    assert variance.Pairs(np.array([0.0, -1.0, -0.5]), np.array([0.0, 0.0, 0.25])).studentised().tolist() == [
        0.0,
        math.inf,
        1.0,
    ]


def test_draws_of_documents_that_do_not_differ_are_students_t_of_the_seeds() -> None:
    rng = np.random.default_rng(0)
    of_columns = [column(rng, 2.5, seeds, 0.05) for seeds in (3, 2)]  # 2 + 1 degrees of freedom
    still = variance.Pairs(np.zeros((20_000, 1)), np.zeros((20_000, 1)))
    drawn = Columns(of_columns, CHARACTERS).with_seeds(still, rng)
    for share in (0.5, 0.9):
        assert np.quantile(drawn, share) == pytest.approx(stats.t.ppf((1 + share) / 2, 3), rel=0.05)


def test_a_column_with_one_seed_has_the_seed_variance_of_the_others() -> None:
    rng = np.random.default_rng(3)
    alone, several = column(rng, 2.5, 1, 0.0), column(rng, 2.5, 4, 0.05)
    (difference,) = Columns([alone, several], CHARACTERS).contrasts()
    of_one = variance.seed_variance([several], CHARACTERS).of_one
    assert difference.seed_variance == pytest.approx(of_one * (1 + 1 / 4))
    assert variance.seed_variance([alone, alone], CHARACTERS) == variance.SeedVariance(0.0, 0)


def test_a_counted_column_has_no_seed_variance_and_does_not_dilute_the_others() -> None:
    rng = np.random.default_rng(3)
    counted, trained = np.repeat(column(rng, 2.5, 1, 0.0), 4, axis=0), column(rng, 2.5, 4, 0.05)
    (difference,) = Columns([counted, trained], CHARACTERS).contrasts()
    of_one = variance.seed_variance([trained], CHARACTERS).of_one
    assert difference.seed_variance == pytest.approx(of_one / 4)


def test_seeds_that_scatter_widen_the_interval() -> None:
    calm, wild = (columns([2.5, 2.6], seeds=3, seed_sd=sd).contrasts()[0] for sd in (0.0, 0.2))
    assert wild.half_width > 3 * calm.half_width


def test_the_scatters_dependence_on_length_is_found() -> None:
    lengths = 20_000 * np.exp(np.random.default_rng(4).normal(size=30))
    for exponent, place in zip(POWERS, range(len(POWERS)), strict=True):
        rates = 2 + 0.03 * (lengths / 20_000) ** exponent * np.random.default_rng(5).normal(size=(9, 1, 30))
        weights = Columns(list(rates * lengths), lengths).power_weights
        assert weights.sum() == pytest.approx(1)
        assert weights.argmax() == place


def test_the_likelihood_of_the_powers_by_hand() -> None:
    """Lengths 1 : 4 : 16, so relative deviations of 1, 1, 1, of √2, 1, √½ and of 2, 1, ½; residuals 0.3, 0, 0 around
    their weighted mean. Σ (e / s)² is 0.09 − 0.09/3, 0.045 − 0.0225/3.5 and 0.0225 − 0.005625/5.25, or 2.8 : 1.8 : 1;
    two columns in three documents: to the power of −1.
    """
    lengths = np.array([1000.0, 4000.0, 16_000.0])
    apart = np.array([0.3, 0.0, 0.0])
    weights = Columns([(2 + apart)[None] * lengths, (2 - apart)[None] * lengths], lengths).power_weights
    expected = np.array([1 / 2.8, 1 / 1.8, 1.0])
    assert weights == pytest.approx(expected / expected.sum())


def test_what_documents_share_says_nothing_about_how_their_differences_scatter() -> None:
    rng = np.random.default_rng(4)
    lengths = 20_000 * np.exp(rng.normal(size=30))
    own = 2 + 0.03 * (lengths / 20_000) ** -0.5 * rng.normal(size=(3, 1, 30))
    plain, shifted = (
        Columns(list((own + shared) * lengths), lengths).power_weights for shared in (0.0, 0.5 * rng.normal(size=30))
    )
    assert shifted == pytest.approx(plain, rel=1e-6)
    assert shifted.argmax() == 2


UNEQUAL = np.array([20_000.0, 1_000, 2_000, 500, 8_000, 3_000])
NEIGHBOURS = 0.6 ** np.abs(np.subtract.outer(np.arange(6), np.arange(6)))


@pytest.mark.parametrize("power", [0.0, -0.5])
@pytest.mark.parametrize("correlations", [None, NEIGHBOURS], ids=["independent", "correlated"])
def test_a_draw_mixes_residuals_as_the_definition_says(power: float, correlations: Floats | None) -> None:
    """Written out: residuals times a whole matrix of weights, and the jackknife by leaving documents out."""
    measured = Columns(columns([2.5, 2.6, 2.4], seed=8, characters=UNEQUAL).bits, UNEQUAL, 1.5, correlations)
    rng = np.random.default_rng(0)
    sd = UNEQUAL ** (1 + power)
    own = np.concatenate(measured.bits)  # of one seed each
    residuals = (own - own.sum(1, keepdims=True) / UNEQUAL.sum() * UNEQUAL) / sd
    weights = rng.normal(size=(20_000, 6, 6))
    if correlations is not None:
        weights = weights @ np.linalg.cholesky(correlations).T
    drawn = residuals @ weights * sd
    largest = np.zeros(len(drawn))
    for a, b in combinations(range(3), 2):
        apart = drawn[:, a] - drawn[:, b]
        total = apart.sum(1, keepdims=True)
        without = (total - apart) / (UNEQUAL.sum() - UNEQUAL)
        variances = 5 / 6 * ((without - total / UNEQUAL.sum()) ** 2).sum(1)
        largest = np.maximum(largest, np.abs(total[:, 0]) / UNEQUAL.sum() / np.sqrt(1.5 * variances))
    shares = [0.25, 0.5, 0.75, 0.9]
    found = np.quantile(measured.mixed(power, measured.loadings(power), 20_000, rng).max(1), shares)
    np.testing.assert_allclose(found, np.quantile(largest, shares), rtol=0.04)


@pytest.mark.parametrize("correlations", [None, NEIGHBOURS], ids=["independent", "correlated"])
def test_draws_have_on_average_the_variance_that_was_measured(
    correlations: Floats | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So what seeds add stands beside documents as it does in the columns themselves."""
    measured = Columns(columns([2.5, 2.6, 2.4], seed=8, characters=UNEQUAL).bits, UNEQUAL, 1.5, correlations)
    drawn: list[variance.Pairs] = []
    monkeypatch.setattr(Columns, "with_seeds", lambda _, pairs, __: drawn.append(pairs))
    measured.mixed(-0.25, measured.loadings(-0.25), 20_000, np.random.default_rng(0))
    np.testing.assert_allclose(drawn[0].variances.mean(0), measured.pairs.variances, rtol=0.05)


def test_sign_flips_agree_with_scipys_permutation_test() -> None:
    x = np.random.default_rng(7).normal(0.4, 1, 10)
    exact = stats.permutation_test(
        (x,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    same = np.full(10, 1000.0)  # in equal documents |t| grows with |sum|
    bits = 2000 + np.stack([x, -x])[:, None] / 2  # (columns, seeds, documents)
    assert Columns(list(bits), same).adjusted_p(np.random.default_rng(0))[0] == pytest.approx(exact.pvalue)
    third = 2000 + np.zeros((1, 10))
    drawn = Columns([*bits, third, third], same).permuted([[0, 1]], 4000, np.random.default_rng(0))[:, 0]
    t = Columns(list(bits), same).t[0]
    assert (drawn >= statistics.least_as_large(t)).mean() == pytest.approx(exact.pvalue, abs=0.02)


def test_the_smallest_p_is_reached_and_never_zero() -> None:
    rng = np.random.default_rng(0)
    for documents in (2, 5, 9, 13, 40):
        lengths = np.full(documents, 1000.0)
        rates = 2 + np.array([0, 0.5])[:, None, None] + 1e-3 * rng.normal(size=(2, 1, documents))
        (p,) = Columns(list(rates * lengths), lengths).adjusted_p(rng)
        assert p == pytest.approx(statistics.smallest_p(documents, 2))
        assert p > 0


def test_p_counts_the_columns_as_they_are_even_where_their_variance_is_taken_to_be_smaller() -> None:
    rates = np.array([[[2.0] * 6], [[2.1, 2.2, 2.1, 2.3, 2.2, 2.1]]])
    smaller = Columns(list(rates * 1000.0), np.full(6, 1000.0), inflation=0.9)
    assert smaller.adjusted_p(np.random.default_rng(0))[0] == statistics.smallest_p(6, 2) == 1 / 32


def test_nine_columns_can_be_told_apart_with_nine_documents() -> None:
    # Holm's adjustment of sign flips cannot go below 36 · 2^(1−9) = 0.14, whatever the differences are
    steps = columns([2 + 0.2 * k for k in range(9)], characters=EQUAL).contrasts()
    assert [d.decided for d in steps] == [True] * 36
    assert {d.fewer for d in steps} == {9}
    assert max(d.p for d in steps) <= ALPHA
    assert min(d.p for d in steps) >= statistics.resolution()


def test_columns_that_differ_from_a_far_one_are_still_told_apart_or_not_among_themselves() -> None:
    # strong control: with one column far away, how often are any of the four equal ones told apart?
    wrong = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        of_columns = [column(rng, mean, 1, 0.0, EQUAL) for mean in (3.0, 2.5, 2.5, 2.5, 2.5)]
        p = Columns(of_columns, EQUAL, thousands=1).adjusted_p(rng)
        assert p[:4].max() <= ALPHA  # the far one is told from all others
        wrong += p[4:].min() <= ALPHA
    assert wrong / 150 <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 150)


@pytest.mark.parametrize(
    ("pairs", "groups"),
    [([0, 5], [[0, 1], [2, 3]]), ([3], [[1, 2]]), ([0, 3], [[0, 1, 2]]), ([2, 3, 4], [[0, 1, 2, 3]]), ([], [])],
)
def test_columns_that_no_pair_connects_are_apart(pairs: list[int], groups: list[list[int]]) -> None:
    """Of four columns the pairs are 0–1, 0–2, 0–3, 1–2, 1–3 and 2–3."""
    assert columns([2.5] * 4).connected(pairs) == groups


def test_p_is_adjusted_upwards_and_in_order() -> None:
    measured = columns([2.5, 2.52, 2.54, 2.5], seed=3)
    p, t = measured.adjusted_p(np.random.default_rng(0)), measured.t
    assert all(p[i] <= p[j] for i in range(6) for j in range(6) if t[i] > t[j])
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for (a, b), adjusted in zip(pairs, p, strict=True):
        alone = Columns([measured.bits[a], measured.bits[b]], CHARACTERS).adjusted_p(np.random.default_rng(0))[0]
        assert adjusted >= alone - 0.02


def test_with_two_documents_an_interval_for_several_columns_is_wider_than_one_for_two() -> None:
    """In a draw of two residuals all pairs have the same |t|: the largest of six was as that of one."""
    two, four = (
        columns([2.5] * number, characters=EQUAL[:2]).critical_values(np.random.default_rng(0))[0] for number in (2, 4)
    )
    assert two == pytest.approx(stats.t.ppf(0.975, 1), rel=0.1)
    assert four > 3.5 * two


@pytest.mark.slow
@pytest.mark.parametrize("columns_", [3, 9])
def test_with_two_documents_intervals_hold_together(columns_: int) -> None:
    # of 150 trials; with the covariance of two residuals alone it was in 18 % for nine columns
    held = [not any(d.excludes_zero for d in differences) for differences in trials(Case(2, 1, columns_), 150)]
    assert np.mean(held) >= 0.88  # standard error 2 %


@pytest.mark.slow
@pytest.mark.parametrize("case", [Case(13, 1, 9), Case(1, 1, 2)], ids=["Lovecraft's lengths", "one document"])
def test_intervals_hold_and_equal_columns_are_not_told_apart(case: Case) -> None:
    # two cases of tests.benchmarks.intervals; 80 trials have a standard error of 2.4 %
    outcome = simulate(case, 80)
    assert outcome.coverage >= 0.90
    assert outcome.false_beats <= 0.06


@pytest.mark.slow
def test_equal_columns_whose_seeds_scatter_more_than_documents_are_not_told_apart() -> None:
    differences = [difference for (difference,) in trials(Case(9, 2, 2, "seeds"), 600)]
    assert np.mean([difference.decided for difference in differences]) <= 0.06  # standard error 0.9 %
    assert np.mean([difference.excludes_zero for difference in differences]) <= 0.06


def test_where_only_seeds_scatter_it_is_the_t_test_with_their_pooled_variance() -> None:
    rng = np.random.default_rng(2)
    a, b = 2 + 0.03 * rng.normal(size=(2, 3, 1))
    (difference,) = Columns([a * EQUAL, b * EQUAL], EQUAL).contrasts()
    low, high = stats.ttest_ind(a[:, 0], b[:, 0]).confidence_interval(0.95)
    assert difference.half_width == pytest.approx((high - low) / 2, rel=0.05)  # 10,000 draws


@pytest.mark.parametrize("seed", range(5))
def test_p_knows_that_seeds_scatter(seed: int) -> None:
    """Where documents do not, and chance alone sets columns apart, it is the t-test's, though all documents agree."""
    a, b = 2 + 0.03 * np.random.default_rng(seed).normal(size=(2, 3, 1))
    (difference,) = Columns([a * EQUAL, b * EQUAL], EQUAL).contrasts()
    assert difference.fewer == 9
    assert difference.p == pytest.approx(stats.ttest_ind(a[:, 0], b[:, 0]).pvalue, abs=0.02)


@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(2, 9), st.sampled_from([0.0, 0.02, 0.1]))
def test_whatever_comes_the_numbers_are_finite(seed: int, seeds: int, documents: int, step: float) -> None:
    lengths = CHARACTERS[:documents]
    rng = np.random.default_rng(seed)
    of_columns = [column(rng, 2.5 + step * k, seeds, 0.01, lengths) for k in range(3)]
    for difference in Columns(of_columns, lengths, thousands=1).contrasts(seed):
        assert 0 < difference.p <= 1
        assert math.isfinite(difference.half_width)
        assert difference.smallest_detectable > difference.half_width
        assert difference.decided == (abs(difference.estimate) > difference.half_width and difference.p <= ALPHA)
        assert 0 <= difference.fewer <= documents


def test_the_same_numbers_again() -> None:
    measured = columns([2.5, 2.52, 2.54], seeds=2)
    assert measured.contrasts() == Columns(measured.bits, measured.characters).contrasts()


@pytest.mark.parametrize(("documents", "seeds"), [(9, 1), (9, 3), (40, 2)])
def test_the_order_of_columns_changes_nothing(documents, seeds) -> None:
    """But the sign of a difference: nobody may choose a verdict by the order in which columns are given."""
    lengths = np.random.default_rng(7).uniform(3e3, 3e4, documents)
    given = columns([2.5, 2.52, 2.54, 2.51], seeds=seeds, characters=lengths)
    names = dict(enumerate(given.bits))
    first = dict(zip(combinations(names, 2), given.contrasts(), strict=True))
    for order in permutations(names):
        again = Columns([names[name] for name in order], lengths).contrasts()
        for (a, b), difference in zip(combinations(order, 2), again, strict=True):
            before, sign = (first[a, b], 1) if (a, b) in first else (first[b, a], -1)
            assert difference.p == before.p
            assert difference.critical == before.critical
            assert difference.estimate == pytest.approx(sign * before.estimate, rel=1e-9)


def test_what_documents_share_makes_no_difference() -> None:
    case = Case(9, 1, 3)
    of_columns = bits(case, np.random.default_rng(0))
    shared = 5000.0 * np.random.default_rng(1).normal(size=9)
    plain, shifted = (Columns(list(b), case.characters).contrasts() for b in (of_columns, of_columns + shared))
    for one, other in zip(plain, shifted, strict=True):
        assert (one.estimate, one.half_width, one.p) == pytest.approx((other.estimate, other.half_width, other.p))


def test_equal_columns_among_others() -> None:
    rng = np.random.default_rng(0)
    a = column(rng, 2.5, 1, 0.0)
    same, far, other = Columns([a, a.copy(), a + 0.5 * CHARACTERS * rng.uniform(0.9, 1.1, 9)], CHARACTERS).contrasts()
    assert (same.estimate, same.half_width, same.p, same.fewer) == (0.0, 0.0, 1.0, 0)
    assert far.decided
    assert far.estimate == other.estimate


def test_equal_columns_whose_seeds_differ_by_documents_alone_have_no_interval() -> None:
    """Seeds were measured to differ, and all of that is what documents add: no variance is left to divide by."""
    a = 20_000.0 + np.array([[2.0, -1.0, 0.0], [-2.0, 1.0, 0.0]])
    columns = Columns([a, a.copy()], np.full(3, 10_000.0))
    assert columns.seed_variance.of_one == 0 < columns.seed_variance.measured
    (same,) = columns.contrasts()
    assert (same.estimate, same.half_width, same.p) == (0.0, 0.0, 1.0)


def test_power_at_the_smallest_detectable_difference_is_80_percent() -> None:
    # one seed, 9 equal documents, sd of the differences 0.1: noncentral t with the smallest detectable as the truth
    difference = Difference(0.0, 0.1**2 / 9, 0.0, stats.t.ppf(0.975, 8), 9, (1, 1))
    power = stats.nct.sf(stats.t.ppf(0.975, 8), 8, difference.smallest_detectable / (0.1 / 3))
    assert power == pytest.approx(0.8, abs=0.02)


def test_documents_needed_would_do() -> None:
    difference = Difference(0.02, 0.01**2, 0.0, 2.3, 9, (1, 1))
    needed = power.documents_needed(difference)
    assert needed is not None
    factor = stats.t.ppf(0.975, needed - 1) + stats.t.ppf(0.8, needed - 1)
    assert factor * 0.01 * math.sqrt(9 / needed) == pytest.approx(0.02, rel=0.03)


def test_of_several_columns_more_is_needed_because_their_intervals_hold_together() -> None:
    """Of three columns there are three contrasts: the first number whose Bonferroni interval has 80 % power."""
    level = 1 - ALPHA / 2 / 3

    def enough(n: int, critical: float, freedom: int, of_one: float) -> bool:
        return (critical + stats.t.ppf(0.8, freedom)) * math.sqrt(of_one / n) <= 0.02

    over_documents = Difference(0.02, 0.01**2, 0.0, stats.t.ppf(level, 8), 9, (1, 1), 3)
    documents = next(n for n in range(10, 500) if enough(n, stats.t.ppf(level, n - 1), n - 1, 9 * 0.01**2))
    assert power.documents_needed(over_documents) == documents
    over_seeds = Difference(0.02, 0.0, 0.008**2, stats.t.ppf(level, 3 * (2 - 1)), 9, (2, 3), 3)
    seeds = next(
        n
        for n in range(3, 500)
        if enough(n, max(stats.t.ppf(level, 8), stats.t.ppf(level, 3 * (n - 1))), 8, 2 * 0.008**2)
    )
    assert power.seeds_needed(over_seeds) == seeds


def test_more_seeds_do_not_make_the_interval_narrower_than_few_documents_do() -> None:
    """Of three documents t is 4.30, however many seeds there are, whose own falls to 1.96."""
    of_documents = stats.t.ppf(0.975, 2)
    needed = power.seeds_needed(Difference(0.02, 0.0, 0.008**2, 4.5, 3, (3, 3)))
    factors = (max(of_documents, 4.5 / stats.t.ppf(0.975, 4) * stats.t.ppf(0.975, 2 * (n - 1))) for n in range(4, 99))
    enough = [(factor + stats.t.ppf(0.8, 2)) * 0.008 * math.sqrt(3 / n) <= 0.02 for n, factor in enumerate(factors, 4)]
    assert needed == 4 + enough.index(True)
    assert stats.t.ppf(0.975, 2 * (needed - 1)) < of_documents


def test_an_interval_that_ends_at_0_includes_it_and_p_of_five_percent_is_small_enough() -> None:
    at_its_end, outside = (Difference(estimate, 0.25, 0.0, 2.0, 9, (1, 1), p=ALPHA) for estimate in (-1.0, -1.5))
    assert not at_its_end.excludes_zero
    assert outside.decided
    assert not replace(outside, p=0.0501).decided


def test_more_are_needed_where_the_interval_is_wider_than_students() -> None:
    """Unequal documents have a larger critical value, which more documents of the same kind keep in proportion."""
    usual, wide = (Difference(0.02, 0.01**2, 0.0, critical, 9, (1, 1)) for critical in (stats.t.ppf(0.975, 8), 4.0))
    few, many = power.documents_needed(usual), power.documents_needed(wide)
    assert few is not None
    assert many is not None
    critical = 4.0 / stats.t.ppf(0.975, 8) * stats.t.ppf(0.975, many - 1)
    assert (critical + stats.t.ppf(0.8, many - 1)) * 0.01 * math.sqrt(9 / many) == pytest.approx(0.02, rel=0.03)
    assert many > 2 * few


def test_hundreds_of_documents_take_no_more_weights_than_there_are_columns() -> None:
    """The bootstrap's weights have one dimension per column: with one per document a thousand draws would take 8 GB."""
    rng = np.random.default_rng(0)
    characters = rng.uniform(5_000, 20_000, 1_000)
    columns = Columns([rng.normal(2.5, 0.1, (1, 1_000)) * characters for _ in range(3)], characters, thousands=1)
    nearly_normal = pytest.approx([2.35] * 3, abs=0.1)  # of three columns: Tukey's 3.31 / √2
    assert columns.critical_values(rng).tolist() == nearly_normal


def test_no_number_of_documents_helps_where_seeds_hide_it_nor_the_other_way_round() -> None:
    assert power.documents_needed(Difference(0.02, 0.0001**2, 0.02**2, 2.3, 9, (3, 3))) is None
    assert power.seeds_needed(Difference(0.02, 0.02**2, 0.0, 2.3, 9, (3, 3))) is None
    assert power.seeds_needed(Difference(0.02, 0.004**2, 0.0, 5.0, 9, (3, 3))) is None  # seeds make no difference
    assert power.seeds_needed(Difference(0.02, 0.0, 0.02**2, 2.3, 9, (1, 3))) is None
    assert power.seeds_needed(Difference(0.02, 0.0001**2, 0.02**2, 2.3, 9, (3, 3))) is not None


def test_as_seeds_grow_so_do_the_degrees_of_freedom_of_their_variance() -> None:
    """Of two columns with two seeds the critical value is 4.30, with six 2.31: fewer are needed than if it stayed."""
    needed = power.seeds_needed(Difference(0.02, 0.0001**2, 0.006**2, stats.t.ppf(0.975, 2), 9, (2, 2)))
    assert needed is not None
    assert needed <= 4
