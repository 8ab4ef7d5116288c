"""Differences between columns as records: contrasts, leads, the cost of noise, and growing training text."""

import math
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t, ttest_1samp

from tests.helpers.comparison_example import comparison, made_row
from toolkit.evaluation.contrasts import (
    Training,
    adjusted_p,
    contrast,
    contrasts_of,
    fraction_differences,
    lead,
    leads,
    noise_differences,
)
from toolkit.evaluation.estimate import Estimate, smallest_p
from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.units import in_units
from toolkit.results.bits import Noise, Share

CHARACTERS = np.array([9000.0, 11000.0, 20000.0, 5000.0, 14000.0, 8000.0, 10000.0, 12000.0, 7000.0])
OF_WORDS = np.append(CHARACTERS, 0)  # of words that the last document lacks


def columns(means, sd=0.03, seed=0, seeds=1, characters=CHARACTERS):
    """Bits (seeds, documents) by column, whose bits per character scatter around its mean."""
    rng = np.random.default_rng(seed)
    return {name: characters * rng.normal(mean, sd, (seeds, len(characters))) for name, mean in means.items()}


def contrasts(bits, characters, unit="document", training=None):
    """All contrasts between columns, given their bits by name."""
    estimates = in_units(Columns(list(bits.values()), np.asarray(characters, float)), unit).contrasts()
    pairs = zip(combinations(bits, 2), estimates, strict=True)
    return [contrast(*pair, estimate, [training or {}], unit) for pair, estimate in pairs]


def test_columns_and_rows_of_a_kind_are_compared_in_pairs():
    whole = comparison({"char": (2.4, 2.5), "bpe": (2.3,), "word": (2.2,)})
    for place, cell in enumerate(whole.done):
        for number, share in enumerate(cell.documents):
            share.bits *= 1 + 0.001 * (-1) ** (place * number)
    whole.rows = [made_row("char", 1), made_row("bpe", 1), made_row("char", 1, "ensemble")]
    for made, cell in zip(whole.rows, whole.done[1:], strict=True):
        made.documents = cell.documents
    compared = contrasts_of(whole)
    pairs = [*combinations(["char", "bpe", "word"], 2), tuple(whole.rows_by_title)[:2]]
    assert [(c.a, c.b) for c in compared] == pairs
    assert [(c.kind, c.family) for c in compared] == [("columns", 3)] * 3 + [("adapting", 1)]
    assert [c.difference for c in compared] == pytest.approx([0.15, 0.25, 0.1, 0.2], abs=0.01)
    assert [c.seeds for c in compared] == [(2, 1), (2, 1), (1, 1), (1, 1)]
    (*_, row) = compared
    assert (row.outcome, row.units, row.low + row.high) == ("b", 9, pytest.approx(2 * row.difference))
    assert (row.turned.outcome, row.turned.low, row.turned.turned) == ("a", -row.high, row)


@settings(max_examples=20)  # 20,000 draws each
@given(st.integers(0, 9999), st.sampled_from([0, 0.02, 0.1]), st.integers(1, 3), st.integers(2, 9))
def test_a_column_wins_if_and_only_if_interval_and_p_say_so(seed, apart, seeds, documents):
    number, lengths = 2 + seed % 2, CHARACTERS[:documents]
    means = {name: 2.5 + apart * i for i, name in enumerate("abc"[:number])}
    for pair in contrasts(columns(means, 0.03, seed, seeds, lengths), lengths):
        excludes = pair.low > 0 or pair.high < 0
        assert (pair.outcome in "ab") == pair.significant == (excludes and pair.p <= 0.05)
        assert (pair.outcome == "too few units") == (smallest_p(documents, number) > 0.05)
        assert (pair.limit is None) == pair.significant
        assert smallest_p(documents, number) <= pair.p <= 1
        assert 0 <= pair.fewer_in <= documents
        assert 0 < pair.difference - pair.low < pair.smallest_detectable < math.inf
        assert 0 < len(pair.verdict) <= 160


@pytest.mark.parametrize("others", [{}, columns({"c": 2.9, "d": 2.6})], ids=["two", "four"])
def test_columns_that_differ_by_rounding_alone_are_equal(others):
    bits = columns({"a": 2.5}, seed=8)["a"]
    for nearly in (0, 1e-13):
        first, *rest = contrasts({"a": bits, "again": bits * (1 + nearly)} | others, CHARACTERS)
        assert (first.difference, first.p, first.outcome, first.limit) == (0, 1, "equal", None)
        assert first.half_width < 1e-12
        assert all(pair.outcome in "ab" for pair in rest)


def test_what_limits_a_contrast_and_how_much_more_would_do():
    """A difference of 0.08, and 3 standard errors in half of the interval."""
    for documents, of_documents, of_seeds, seeds, unit, limit, needed in (
        (9, 0.001, 0.0, (1, 1), "document", "units", 10),
        (4, 0.001, 0.0, (1, 1), "document", "units", 4),  # 8: no p of 7 is below 0.01
        (6, 0.001, 0.0, (1, 1), "segment", "units", 2),  # times the text
        (9, 2.0, 0.0, (1, 1), "document", "units", None),  # over 1,000
        (9, 0.0001, 0.0025, (1, 1), "document", "seeds", None),  # one seed does not show the effect of more
        (9, 0.0001, 0.0025, (2, 3), "document", "seeds", 8),
        (9, 0.001, 0.01, (2, 3), "document", "both", None),  # documents alone hide the difference
        (9, 0.005, 0.004, (1, 1), "document", "both", None),
    ):
        record = contrast("a", "b", Estimate(0.08, of_documents, of_seeds, 3.0, documents, seeds), [{}], unit)
        outcome = "too few units" if documents == 4 else "undecided"
        assert (record.outcome, record.limit, record.needed) == (outcome, limit, needed)
    record = contrast("a", "b", Estimate(0.08, 0.001, 0.0, 1.0, 9, (1, 1), p=0.06), [{}])  # p alone is too large
    assert (record.outcome, record.limit, record.needed) == ("undecided", "units", None)


def test_only_a_loser_that_may_catch_up_is_undertrained():
    """A counted column has no training, and longer training helps none that overfits. Without a loser both may."""
    unfinished = Training(9.0, True)
    estimate = Estimate(-0.5, 0.0001, 0.0, 2.0, 9, (1, 1), p=0.01)
    states = {None: 0, Training(0.6, False): 1, Training(0.4, False): 0, Training(None, True): 1}
    states[Training(None, True, 0.5)] = 0
    for loser, late in states.items():
        training = {"a": unfinished} | ({"b": loser} if loser else {})
        assert contrast("a", "b", estimate, [training]).undertrained == ["b"] * late
        in_a_fold = contrast("a", "b", estimate, [{}, training], over="folds")
        assert in_a_fold.undertrained == ["b"] * late
    alike, both_unfinished = columns({"a": 2.5, "b": 2.5}, seed=1), {"a": unfinished, "b": unfinished}
    (tie,) = contrasts(alike, CHARACTERS, training=both_unfinished)
    assert (tie.outcome, tie.undertrained) == ("undecided", ["a", "b"])
    slow = Training(0.9 * tie.half_width, False)
    assert contrasts(alike, CHARACTERS, training={"a": slow, "b": slow})[0].undertrained == []


def test_the_best_column_leads_the_next_one_by_the_interval_of_a_contrast():
    labelled = columns({"far": 3, "next": 2.5, "best": 2.3}, 0.2, seeds=2, characters=OF_WORDS)
    first = lead("band", "0", OF_WORDS, labelled)
    assert (first.over, first.at, first.a, first.b, first.p) == ("band", "0", "best", "next", None)
    assert first == lead("band", "0", OF_WORDS, dict(reversed(labelled.items())))
    pair = {name: labelled[name] for name in ("best", "next")}
    (expected,) = contrasts({name: bits[:, :-1] for name, bits in pair.items()}, CHARACTERS)
    alone = lead("band", "0", OF_WORDS, pair)
    assert alone.difference == pytest.approx(expected.difference)
    assert alone.half_width == pytest.approx(expected.half_width, rel=0.1)  # fewer draws
    among_14 = lead("band", "0", OF_WORDS, labelled, 14)
    bonferroni = t.ppf(1 - 0.025 / 3 / 14, 8) / t.ppf(1 - 0.025 / 3, 8)
    assert among_14.half_width == pytest.approx(first.half_width * bonferroni)
    assert (first.family, among_14.family) == (3, 3 * 14)
    few = {name: bits[:, :5] for name, bits in pair.items()}  # exchanges give no p below 0.06
    assert lead("band", "0", OF_WORDS[:5], few) is None


def shares(bits, characters=CHARACTERS):
    return [Share(characters=n, bits=b) for n, b in zip(characters, bits, strict=True)]


def test_labels_that_two_cells_give_to_other_words_have_no_lead():
    """As where another version of a tagger tagged the words of a run. Segments have no leads."""

    def labels(*nouns, unit="document"):
        bands, by_column = [SimpleNamespace(band="0", documents=words)], {}
        for name, documents in zip("ab", nouns, strict=True):
            parts = [SimpleNamespace(pos="NOUN", documents=documents)]
            by_column[name] = [SimpleNamespace(by_frequency=bands, by_part_of_speech=parts)]
        return [(d.over, d.at) for d in leads(SimpleNamespace(by_column=by_column, unit=unit))]

    words = shares(OF_WORDS * 2, OF_WORDS)
    longer = [Share(characters=share.characters + 4, bits=share.bits) for share in words]
    assert labels(words, words) == [("band", "0"), ("part of speech", "NOUN")]
    assert labels(words, longer) == [("band", "0")]
    assert labels(words, words, unit="segment") == []


def noisy_cell(extra, characters=CHARACTERS):
    """A cell with these extra bits per document; without a cost if its tokenizer refused the text."""
    facts = {"letters": 9, "changed": 1, "characters": int(sum(characters)), "bits": 1.0, "clean_bits": 1.0}
    noise = [] if extra is None else [Noise(name="n", **facts, documents=shares(extra, characters))]
    return SimpleNamespace(noise=noise)


def compared_under_noise(unit="document", **of_columns):
    cells = [cell for of_column in of_columns.values() for cell in of_column]
    differences = noise_differences(SimpleNamespace(done=cells, by_column=of_columns, unit=unit))
    return {(d.a, d.b): d for d in differences}


def test_columns_differ_by_the_cost_of_noise():
    """A column without bits in one of its seeds is left out."""
    rng, means = np.random.default_rng(1), {"char": 0.1, "word": 0.5, "bpe": 0.5}
    cells = {name: [noisy_cell(CHARACTERS * rng.normal(mean, 0.02, 9))] for name, mean in means.items()}
    refused = {"refused": [*cells["char"], noisy_cell(None)]}
    pairs = compared_under_noise(**cells, **refused)
    assert list(pairs) == list(combinations([*means, None], 2))
    assert {(d.over, d.at, d.family) for d in pairs.values()} == {("noise", "n", 6)}
    assert (pairs["char", "word"].significant, pairs["word", "bpe"].significant) == (True, False)
    difference = pairs["char", None].difference - pairs["word", None].difference
    assert pairs["char", "word"].difference == pytest.approx(difference)
    assert compared_under_noise(**refused) == {}
    (single,) = compared_under_noise("segment", char=cells["char"]).values()
    assert single.p == 1 / 32  # six segments


@pytest.mark.parametrize("over", ["documents", "seeds"])
def test_extra_bits_have_the_interval_of_a_t_test_where_only_documents_or_only_seeds_differ(over):
    rates = np.array([0.31, 0.35, 0.27, 0.33, 0.36, 0.29, 0.30, 0.34])
    equal = [noisy_cell(1000 * rates, [1000] * 8)]
    cells = equal if over == "documents" else [noisy_cell(CHARACTERS * rate) for rate in rates]
    (difference,) = compared_under_noise(char=cells).values()
    interval = ttest_1samp(rates, 0).confidence_interval()
    assert difference.difference == pytest.approx(rates.mean())
    assert 2 * difference.half_width == pytest.approx(interval.high - interval.low, rel=0.1)


def test_a_planted_crossing_is_seen_in_the_signs():
    """Word is behind char by 0.2 at the smallest fraction. The lines meet a quarter of a decade above it."""
    whole, rng, fractions = comparison(), np.random.default_rng(4), (0.1, 0.25, 0.5, 1.0)
    whole.cells, whole.rows = [], []
    for fraction in fractions:
        decades = math.log10(fraction / 0.1)
        for cell in comparison({"char": (2.4 - 0.1 * decades,) * 2, "word:pos": (2.6 - 0.9 * decades,) * 2}).done:
            cell.fraction = fraction
            for document in cell.documents:
                document.bits = document.characters * rng.normal(cell.bits_per_character.total, 0.004)
            whole.cells.append(cell)
    facts = [SimpleNamespace(fraction=fraction, characters=1e6 * fraction) for fraction in fractions]
    whole.corpus.fractions = facts
    differences = fraction_differences(whole)
    expected = [("char", "word:pos", "fraction", 4, fraction) for fraction in fractions]
    assert [(d.a, d.b, d.over, d.family, d.at) for d in differences] == expected
    assert [d.ranked[0] for d in differences if d.significant] == ["char", "word:pos", "word:pos", "word:pos"]
    turned = whole.model_copy(update={"cells": sorted(whole.cells, key=lambda cell: cell.column, reverse=True)})
    for d, e in zip(differences, fraction_differences(turned), strict=True):
        assert d.p == e.p
        assert (d.difference, d.half_width) == pytest.approx((-e.difference, e.half_width), rel=1e-9)
    whole.cells = [cell for cell in whole.cells if (cell.column, cell.fraction) != ("char", 0.25)]
    assert fraction_differences(whole) == []  # one column has every fraction


def test_p_holds_for_all_fractions_together():
    """Equal columns: the smallest p of four fractions is at most 0.2 as rarely as it should be."""
    smallest = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rates = rng.normal(2, 0.1, 9)  # common to both
        bits = [1000 * rng.normal(rates, 0.02)[None] for _ in range(8)]
        measured = Columns(bits, np.full(9, 1000.0), thousands=1)
        smallest.append(adjusted_p(measured, 2, np.random.default_rng(1)).min())
    assert 0 < sum(p <= 0.2 for p in smallest) <= 21  # 12 expected; above 21 with a chance of 0.3 %
