import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.evaluation.contrasts import contrasts
from toolkit.evaluation.statistics import Estimate, resolution
from toolkit.evaluation.undertraining import Training
from toolkit.evaluation.verdict import Subject, about, either, grounds, p_in_words, verdict
from toolkit.events.distribution import Floats

CHARACTERS = np.array([9000.0, 11000.0, 20000.0, 5000.0, 14000.0, 8000.0, 10000.0, 12000.0, 7000.0])
NEAR = Estimate(0.02, 0.01**2, 0.0, 2.3, 9, (1, 1), p=0.2, fewer=5)


def two_columns(seed: int = 0, seeds: int = 3, apart: float = 0.5, documents: int = 9) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    common = 0.3 * rng.normal(size=documents)
    columns = {}
    for name, mean in {"char": 2.5 + apart, "word:pos": 2.5}.items():
        own = 0.03 * rng.normal(size=documents)
        rest = 0.01 * rng.normal(size=(seeds, 1)) + 0.01 * rng.normal(size=(seeds, documents))
        columns[name] = (mean + common + own + rest) * CHARACTERS[:documents]
    return columns


def test_estimate_is_the_difference_of_mean_ratios_of_sums() -> None:
    columns = two_columns()
    (contrast,) = contrasts(columns, CHARACTERS)
    expected = [np.mean([seed.sum() / CHARACTERS.sum() for seed in bits]) for bits in columns.values()]
    assert contrast.difference == pytest.approx(expected[0] - expected[1])
    assert (contrast.a, contrast.b) == ("char", "word:pos")
    assert contrast.low < contrast.difference < contrast.high


@pytest.mark.parametrize("others", [{}, {"bpe": two_columns(seed=8, seeds=1)["char"]}], ids=["two", "three"])
@pytest.mark.parametrize("nearly", [1e-15, 1e-14, 1e-13])
def test_columns_that_differ_by_rounding_alone_are_not_told_apart(nearly: float, others: dict[str, Floats]) -> None:
    bits = two_columns(seeds=1)["char"]
    contrast = contrasts({"char": bits, "again": bits * (1 + nearly)} | others, CHARACTERS)[0]
    assert contrast.difference == 0
    assert not contrast.settled
    assert contrast.p == 1
    assert contrast.verdict.startswith("cannot tell char from again: ")
    assert contrast.verdict.endswith("; the two are equal here, and no number of documents would tell them apart")


def test_contrasts_are_all_pairs_in_order() -> None:
    columns = two_columns() | {"bpe": two_columns(seed=8)["char"]}
    compared = contrasts(columns, CHARACTERS)
    assert [(c.a, c.b) for c in compared] == [("char", "word:pos"), ("char", "bpe"), ("word:pos", "bpe")]
    assert compared == contrasts(columns, CHARACTERS)
    assert contrasts({"char": columns["char"]}, CHARACTERS) == []


def test_the_verdict_names_the_winner_whichever_comes_first() -> None:
    columns = two_columns()
    (contrast,) = contrasts(columns, CHARACTERS)
    (turned,) = contrasts(dict(reversed(columns.items())), CHARACTERS)
    assert contrast.verdict.startswith("word:pos beats char by 0.")
    assert turned.verdict.startswith("word:pos beats char by 0.")
    assert turned.difference == pytest.approx(-contrast.difference)
    assert "9 held-out documents and 3 seeds" in contrast.verdict
    assert "word:pos has fewer bits in 9 of 9 held-out documents" in contrast.verdict
    assert "adjusted" not in contrast.verdict
    assert "together" not in contrast.verdict


def test_of_five_names_three_are_named_and_of_four_all() -> None:
    assert either(list("abcd")) == "`a`, `b`, `c` or `d`"
    assert either(list("abcde")) == "`a`, `b`, `c` or 2 more"
    assert either(["a"]) == "`a`"


@pytest.mark.parametrize("seeds", [1, 2, 5])
def test_no_number_of_seeds_makes_it_a_statement_about_methods(seeds: int) -> None:
    (contrast,) = contrasts(two_columns(seeds=seeds), CHARACTERS)
    assert "not about the methods" in contrast.verdict
    assert ("these two trained models" in contrast.verdict) == (seeds == 1)


@settings(max_examples=30)  # 20,000 draws each
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.1]), st.integers(1, 3), st.integers(2, 9))
def test_a_column_beats_the_other_if_and_only_if_interval_and_p_say_so(
    seed: int, apart: float, seeds: int, documents: int
) -> None:
    (contrast,) = contrasts(two_columns(seed, seeds, apart, documents), CHARACTERS[:documents])
    excludes = contrast.low > 0 or contrast.high < 0
    assert (" beats " in contrast.verdict) == contrast.settled == (excludes and contrast.p <= 0.05)
    assert contrast.verdict.startswith("cannot tell char from word:pos: ") != contrast.settled
    assert ("smallest possible p" in contrast.verdict) == (documents < 6)  # 2^(1−5) = 0.0625, 2^(1−6) = 0.031
    assert contrast.p >= 2.0 ** (1 - documents)
    assert contrast.smallest_detectable > contrast.difference - contrast.low


def test_with_four_documents_no_test_can_tell_and_the_count_is_given() -> None:
    (contrast,) = contrasts(two_columns(seeds=1, documents=4), CHARACTERS[:4])
    assert contrast.low > 0  # the interval alone would say "beats"
    assert contrast.p == 0.125
    assert contrast.verdict.startswith("cannot tell char from word:pos")
    assert "word:pos has fewer bits in 4 of 4 held-out documents" in contrast.verdict
    assert "the smallest possible p is 0.125" in contrast.verdict
    assert contrast.verdict.endswith(
        "no difference could have been told; the number of held-out documents limits it: about 4 more held-out "
        "documents would be needed"
    )
    assert not contrast.tellable
    bits = two_columns(seeds=1, documents=3)["char"]
    (equal,) = contrasts({"a": bits, "b": bits}, CHARACTERS[:3])
    assert not equal.tellable
    (of_nine,) = contrasts(two_columns(seeds=1, documents=9), CHARACTERS[:9])
    assert of_nine.tellable


def test_p_is_never_given_below_its_resolution() -> None:
    assert p_in_words(replace(NEAR, p=resolution())) == "p ≤ 0.0001"
    assert p_in_words(replace(NEAR, p=3 * resolution())) == "p = 0.0003"
    assert p_in_words(replace(NEAR, p=2.0**-12)) == "p = 0.00024"


@pytest.mark.parametrize(
    ("p", "shown"),
    [(0.0504, "0.0504"), (0.050004, "0.050004"), (math.nextafter(0.05, 1), "0.05000000000000001"), (0.05, "0.05"),
     (0.0496, "0.05"), (0.0516, "0.052")],
)  # fmt: skip
def test_p_is_shown_on_its_side_of_what_decides(p: float, shown: str) -> None:
    assert p_in_words(replace(NEAR, p=p)) == f"p = {shown}"


def test_identical_columns_cannot_be_told_apart() -> None:
    bits = two_columns()["char"]
    (contrast,) = contrasts({"a": bits, "b": bits.copy()}, CHARACTERS)
    assert (contrast.difference, contrast.p) == (0.0, 1.0)
    assert contrast.low <= 0 <= contrast.high
    assert contrast.verdict.startswith("cannot tell a from b")
    assert "no number of documents" in contrast.verdict


def test_columns_may_have_different_numbers_of_seeds() -> None:
    columns = two_columns()
    columns["char"] = columns["char"][:1]
    (contrast,) = contrasts(columns, CHARACTERS)
    assert "1 and 3 seeds" in contrast.verdict
    assert "about these trained models, not about the methods" in contrast.verdict


def test_interval_and_p_that_part_are_no_verdict() -> None:
    excludes = replace(NEAR, estimate=0.05, p=0.08)
    assert verdict("a", "b", excludes, Subject()).startswith("cannot tell a from b")
    assert "the interval excludes 0, but p does not confirm it" in grounds("a", "b", excludes, Subject())
    assert "p alone would tell them apart, the interval does not" in grounds("a", "b", replace(NEAR, p=0.03), Subject())


def test_one_document_is_refused() -> None:
    with pytest.raises(InputError, match="cut it into 20 pieces"):
        contrasts({"a": np.ones((1, 1)), "b": np.ones((1, 1))}, np.array([5]))


def test_bits_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match=r"'b' have shape \(3,\)"):
        contrasts({"a": np.ones((1, 3)), "b": np.ones(3)}, np.array([5, 5, 5]))


def test_the_smallest_detectable_is_finite_with_two_documents() -> None:
    (contrast,) = contrasts(two_columns(documents=2), CHARACTERS[:2])
    assert math.isfinite(contrast.smallest_detectable)


def test_counted_columns_are_not_called_trained() -> None:
    counted = Training(1.8, trained=False, falling=None, last_is_best=False, ppmd=None)
    for seeds in ((1, 1), (2, 2)):
        difference = replace(NEAR, seeds=seeds)
        assert "trained" not in "".join(about("a", "b", difference, Subject(training={"a": counted, "b": counted})))
        assert "trained" in "".join(about("a", "b", difference, Subject(training={"a": counted})))
