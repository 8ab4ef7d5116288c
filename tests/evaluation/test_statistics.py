import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from toolkit.errors import InputError
from toolkit.evaluation import statistics, verdict
from toolkit.events.distribution import Floats

CHARACTERS = np.array([9000.0, 11000.0, 20000.0, 5000.0, 14000.0, 8000.0, 10000.0, 12000.0, 7000.0])


def column(
    rng: np.random.Generator, mean: float, common: Floats, seeds: int, seed_sd: float, characters: Floats
) -> Floats:
    """Bits (seeds, documents): mean + what both columns share + the column's own documents, seeds and rest."""
    documents = len(characters)
    own = 0.03 * rng.normal(size=documents)
    rates = mean + common + own + seed_sd * rng.normal(size=(seeds, 1)) + 0.01 * rng.normal(size=(seeds, documents))
    return rates * characters


def two_columns(seed: int = 0, seeds: int = 3, apart: float = 0.5, documents: int = 9) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    characters = CHARACTERS[:documents]
    common = 0.3 * rng.normal(size=documents)
    return {
        "char": column(rng, 2.5 + apart, common, seeds, 0.01, characters),
        "word:pos": column(rng, 2.5, common, seeds, 0.01, characters),
    }


def test_estimate_is_the_difference_of_mean_ratios_of_sums() -> None:
    columns = two_columns()
    (contrast,) = verdict.contrasts(columns, CHARACTERS)
    expected = [np.mean([seed.sum() / CHARACTERS.sum() for seed in bits]) for bits in columns.values()]
    assert contrast.difference == pytest.approx(expected[0] - expected[1])
    assert (contrast.a, contrast.b) == ("char", "word:pos")
    assert contrast.low < contrast.difference < contrast.high


def test_with_one_seed_and_equal_documents_it_is_the_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(3, 0.2, 9), rng.normal(2.9, 0.2, 9)
    difference = statistics.difference(a[None] * 1000, b[None] * 1000, np.full(9, 1000.0))
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert difference.degrees_of_freedom == 8
    assert (difference.estimate - difference.half_width, difference.estimate + difference.half_width) == pytest.approx(
        (low, high)
    )


def test_document_variance_is_the_jackknifes() -> None:
    columns = two_columns(seed=2, seeds=1)
    a, b = (bits[0] for bits in columns.values())
    without = []
    for d in range(9):  # delete each document and estimate anew
        keep = np.arange(9) != d
        without.append((a[keep].sum() - b[keep].sum()) / CHARACTERS[keep].sum())
    expected = 8 / 9 * sum((x - np.mean(without)) ** 2 for x in without)
    difference = statistics.difference(columns["char"], columns["word:pos"], CHARACTERS)
    assert difference.document_variance == pytest.approx(expected)
    assert difference.seed_variance == 0


def test_mean_squares_give_the_variance_components_back() -> None:
    # 400 tables of 5 seeds × 8 documents: seed sd 0.3, rest 0.5; the mean estimates are known
    rng = np.random.default_rng(3)
    tables = rng.normal(size=(400, 5, 1)) * 0.3 + rng.normal(size=(400, 1, 8)) + rng.normal(size=(400, 5, 8)) * 0.5
    parts = np.array([statistics.seed_and_interaction_variance(table) for table in tables])
    assert parts[:, 0].mean() == pytest.approx(0.09 / 5 + 0.25 / 40, rel=0.1)
    assert parts[:, 1].mean() == pytest.approx(0.25 / 40, rel=0.05)


@pytest.mark.parametrize(("seeds", "seed_sd"), [(1, 0.0), (3, 0.0), (3, 0.02)])
def test_the_interval_holds_a_known_difference_95_times_in_100(seeds: int, seed_sd: float) -> None:
    # 9 documents of unequal length; 1,500 trials have a standard error of 0.6 %, and t is approximate here: ± 2.5 %
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(1500):
        characters = np.round(10_000 * np.exp(0.4 * rng.normal(size=9)))
        common = 0.3 * rng.normal(size=9)
        a, b = (column(rng, mean, common, seeds, seed_sd, characters) for mean in (2.45, 2.5))
        difference = statistics.difference(a, b, characters)
        held += abs(difference.estimate + 0.05) <= difference.half_width
    assert held / 1500 == pytest.approx(0.95, abs=0.025)


def test_seeds_that_scatter_widen_the_interval() -> None:
    rng = np.random.default_rng(5)
    common = 0.3 * rng.normal(size=9)
    steady, scattered = (column(np.random.default_rng(6), 2.5, common, 3, sd, CHARACTERS) for sd in (0.0, 0.2))
    other = column(rng, 2.6, common, 3, 0.0, CHARACTERS)
    calm, wild = (statistics.difference(bits, other, CHARACTERS) for bits in (steady, scattered))
    assert wild.half_width > 3 * calm.half_width
    assert 2 <= wild.degrees_of_freedom < 4  # what is not known about seeds comes from 3 of them


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(2, 9), st.sampled_from([0.0, 0.001, 0.1]))
def test_degrees_of_freedom_are_never_fewer_than_the_poorest_mean_squares(
    seed: int, seeds: int, documents: int, seed_sd: float
) -> None:
    rng = np.random.default_rng(seed)
    sizes = CHARACTERS[:documents]
    a, b = (column(rng, 2.5, np.zeros(documents), seeds, seed_sd, sizes) for _ in range(2))
    difference = statistics.difference(a, b, sizes)
    assert difference.degrees_of_freedom >= min(seeds, documents) - 1
    assert math.isfinite(difference.half_width)


def test_sign_flips_agree_with_scipys_permutation_test() -> None:
    x = np.random.default_rng(7).normal(0.4, 1, 10)
    exact = stats.permutation_test(
        (x,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    rng = np.random.default_rng(0)
    assert statistics.sign_flip_p(x, rng) == pytest.approx(exact.pvalue)
    drawn = statistics.sign_flip_p(np.append(x, np.zeros(10)), rng)  # 20 documents, ten of them without a say
    assert drawn == pytest.approx(exact.pvalue, abs=0.02)


def test_the_smallest_p_is_reached_and_drawn_p_is_never_zero() -> None:
    rng = np.random.default_rng(0)
    for documents in (2, 5, 9, 14, 40):
        assert statistics.sign_flip_p(np.ones(documents), rng) == statistics.smallest_p(documents) > 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_the_raw_p_and_bonferronis(p: list[float]) -> None:
    adjusted = statistics.holm(p)
    assert all(raw <= holm <= min(1, raw * len(p)) for raw, holm in zip(p, adjusted, strict=True))
    assert sorted(adjusted) == [adjusted[i] for i in sorted(range(len(p)), key=lambda i: p[i])]
    assert min(adjusted) == min(1, min(p) * len(p))


def test_power_at_the_smallest_detectable_difference_is_80_percent() -> None:
    # one seed, 9 equal documents, sd of the differences 0.1: noncentral t with the smallest detectable as the truth
    truth = statistics.detection_factor(8) * 0.1 / 3
    power = stats.nct.sf(stats.t.ppf(0.975, 8), 8, truth / (0.1 / 3))
    assert power == pytest.approx(0.8, abs=0.02)


def test_contrasts_are_all_pairs_in_order_with_p_adjusted_together() -> None:
    columns = two_columns() | {"bpe": two_columns(seed=8)["char"]}
    contrasts = verdict.contrasts(columns, CHARACTERS)
    assert [(c.a, c.b) for c in contrasts] == [("char", "word:pos"), ("char", "bpe"), ("word:pos", "bpe")]
    alone = verdict.contrasts(two_columns(), CHARACTERS)[0]
    assert contrasts[0].p == pytest.approx(3 * alone.p)
    assert contrasts == verdict.contrasts(columns, CHARACTERS)
    assert verdict.contrasts({"char": columns["char"]}, CHARACTERS) == []


def test_the_verdict_names_the_winner_whichever_comes_first() -> None:
    columns = two_columns()
    (contrast,) = verdict.contrasts(columns, CHARACTERS)
    (turned,) = verdict.contrasts(dict(reversed(columns.items())), CHARACTERS)
    assert contrast.verdict.startswith("word:pos beats char by 0.")
    assert turned.verdict.startswith("word:pos beats char by 0.")
    assert turned.difference == pytest.approx(-contrast.difference)
    assert "9 held-out documents and 3 seeds" in contrast.verdict
    assert "not about the methods" not in contrast.verdict


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.1]), st.integers(1, 3), st.integers(2, 9))
def test_a_column_beats_the_other_if_and_only_if_the_interval_excludes_0(
    seed: int, apart: float, seeds: int, documents: int
) -> None:
    (contrast,) = verdict.contrasts(two_columns(seed, seeds, apart, documents), CHARACTERS[:documents])
    excludes = contrast.low > 0 or contrast.high < 0
    assert (" beats " in contrast.verdict) == excludes
    assert contrast.verdict.startswith("cannot tell char from word:pos") != excludes
    assert ("trained models, not about the methods" in contrast.verdict) == (seeds == 1)
    assert ("smallest possible p" in contrast.verdict) == (documents < 6)  # 2^(1−5) = 0.0625, 2^(1−6) = 0.031
    assert contrast.smallest_detectable > contrast.difference - contrast.low


def test_undecided_says_how_many_more_documents() -> None:
    columns = two_columns(seed=9, seeds=1, apart=0.01)
    (contrast,) = verdict.contrasts(columns, CHARACTERS)
    assert contrast.verdict.startswith("cannot tell char from word:pos")
    assert "more held-out documents would be needed" in contrast.verdict
    difference = statistics.difference(columns["char"], columns["word:pos"], CHARACTERS)
    needed = statistics.documents_needed(difference)
    assert needed is not None
    factor = statistics.detection_factor(needed - 1)
    detectable = factor * math.sqrt(difference.document_variance * 9 / needed)
    assert detectable == pytest.approx(abs(difference.estimate), rel=0.03)


def test_when_seeds_hide_it_seeds_are_asked_for() -> None:
    difference = statistics.Difference(0.02, 0.0001**2, 0.02**2, 3.0, 9, (3, 3))
    assert statistics.documents_needed(difference) is None
    assert verdict.what_would_tell(difference, "document").endswith("more seeds of each column would be needed")


def test_identical_columns_cannot_be_told_apart() -> None:
    bits = two_columns()["char"]
    (contrast,) = verdict.contrasts({"a": bits, "b": bits.copy()}, CHARACTERS)
    assert (contrast.difference, contrast.p) == (0.0, 1.0)
    assert contrast.low <= 0 <= contrast.high
    assert contrast.verdict.startswith("cannot tell a from b")
    assert "no number of documents" in contrast.verdict


def test_columns_may_have_different_numbers_of_seeds() -> None:
    columns = two_columns()
    columns["char"] = columns["char"][:1]
    (contrast,) = verdict.contrasts(columns, CHARACTERS)
    assert "1 and 3 seeds" in contrast.verdict
    assert "about these trained models, not about the methods" in contrast.verdict


def test_one_document_is_refused() -> None:
    with pytest.raises(InputError, match="cut it into segments"):
        verdict.contrasts({"a": np.ones((1, 1)), "b": np.ones((1, 1))}, np.array([5]))


def test_bits_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match=r"'b' have shape \(3,\)"):
        verdict.contrasts({"a": np.ones((1, 3)), "b": np.ones(3)}, np.array([5, 5, 5]))


def test_no_number_of_seeds_helps_where_seeds_make_no_difference() -> None:
    rng = np.random.default_rng(3)
    of_documents = rng.normal(2.0, 0.2, (2, len(CHARACTERS))) * np.asarray(CHARACTERS)
    a, b = (np.repeat(bits[None], 2, 0) for bits in of_documents)  # the same with both seeds
    assert statistics.seeds_needed(statistics.difference(a, b, np.asarray(CHARACTERS, float))) is None
