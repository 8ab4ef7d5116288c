"""Segments of a single document, whose correlation widens intervals, and folds, whose training texts differ."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.helpers.comparison_example import comparison
from toolkit.evaluation.folds import FoldedColumns, columns_over_folds, fold_variance, folds_of
from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.units import PIECES, columns_over_units, correlation, in_units
from toolkit.evaluation.warnings import answer
from toolkit.results.bits import DocumentBits, Share
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import DOCUMENT, SEGMENT
from toolkit.results.units import SEGMENTS, joined

LENGTHS = np.full(PIECES, 1000.0)


@pytest.mark.parametrize(
    ("signs", "rho"), [("++--++--", 0.5), ("++++----", 0.9), ("+-+-+-+-", 0), ("........", 0)]
)
def test_the_correlation_by_hand(signs, rho):
    """Products of neighbours add up to 1, 5 and −7 of 8: ρ − (1 + 4ρ)/8 = 1/8 if ρ is ½. 5 and −7 are clipped."""
    e = np.array([[{"+": 1.0, "-": -1.0, ".": 0.0}[sign] for sign in signs]])
    for lengths in (np.full(8, 1000.0), 1000.0 * np.arange(1, 9)):
        for shared in (0.0, np.linspace(0, 1, 8)):  # an effect of pieces on all columns is no correlation
            bits = [(2 + shared + sign * e / 100) * lengths for sign in (1, -1)]
            assert correlation(bits, lengths) == pytest.approx(rho, abs=1e-9)
            few = [of_column[:, :SEGMENTS] for of_column in bits]
            assert correlation(few, lengths[:SEGMENTS]) == 0  # pieces that are not joined


def test_the_inflation_is_the_variance_that_independent_segments_lack():
    """The variance of the rate of correlated pieces, over what leaving out one segment at a time shows of it."""
    rng = np.random.default_rng(2)
    series = np.zeros(PIECES)
    for i in range(1, PIECES):
        series[i] = 0.6 * series[i - 1] + 0.8 * rng.normal()
    pair = Columns([1000 * (2 + 0.03 * series[None]), np.full((1, PIECES), 2000.0)], LENGTHS)
    rho, sizes = correlation(pair.bits, LENGTHS), joined(np.ones(PIECES))
    assert 0.2 < rho < 0.9
    inside = np.repeat(np.eye(SEGMENTS), sizes.astype(int), axis=1)  # (segments, pieces)
    variances = []
    for correlated in (rho ** np.abs(np.subtract.outer(range(PIECES), range(PIECES))), np.eye(PIECES)):
        without = [(1 - of_segment) / (1 - of_segment).sum() - 1 / PIECES for of_segment in inside]
        leaving_out = 5 / 6 * sum(weights @ correlated @ weights for weights in without)
        variances.append(correlated.sum() / PIECES**2 / leaving_out)
    segments = in_units(pair, SEGMENT)
    assert segments.inflation == pytest.approx(variances[0] / variances[1])
    independent = Columns(segments.bits, segments.characters).pairs.variances
    assert segments.pairs.variances == pytest.approx(segments.inflation * independent)
    covariance = inside @ (rho ** np.abs(np.subtract.outer(range(PIECES), range(PIECES)))) @ inside.T
    sd = np.sqrt(np.diag(covariance))
    assert segments.correlations == pytest.approx(covariance / np.outer(sd, sd))


def test_pieces_without_correlation_give_the_smallest_p():
    lengths = joined(np.ones(350), PIECES)  # which is no multiple of the number of pieces
    steps = np.tile([0.1, 0.2], PIECES // 2)  # neighbours differ, so that their correlation is below 0
    segments = in_units(Columns([2 * lengths[None], (2 - steps)[None] * lengths], lengths), SEGMENT)
    (estimate,) = segments.contrasts()
    assert (segments.inflation, estimate.fewer, estimate.p) == (1, SEGMENTS, 1 / 32)


@pytest.mark.parametrize(("parts", "expected"), [(1, 6), (13, 13)])
def test_pieces_of_a_single_text_are_compared_as_its_segments(parts, expected):
    pieces = [Share(characters=100, bits=200.0 + i) for i in range(PIECES)] if parts == 1 else None
    documents = [DocumentBits(name=str(i), characters=2000, bits=5000.0 + i, units=pieces) for i in range(parts)]
    corpus = SimpleNamespace(unit=DOCUMENT, split=SimpleNamespace(test=documents))
    rows = [[SimpleNamespace(documents=documents, seeds=[0, 1])]] * 2
    measured = columns_over_units(Comparison.model_construct(corpus=corpus), rows)
    assert [bits.shape for bits in measured.bits] == [(2, expected)] * 2
    assert measured.characters.sum() == 2000 * parts


FOLDS = np.arange(20) % 5


def test_the_contribution_of_documents_is_estimated_by_leaving_each_out():
    rng = np.random.default_rng(3)
    lengths = rng.integers(500, 9000, size=20).astype(float)
    paid = (2 + 0.1 * rng.normal(size=(3, 5))[:, FOLDS] + 0.02 * rng.normal(size=(3, 20))) * lengths
    between = documents = 0.0
    for column in paid - paid.mean(axis=0):
        rates = [column[f == FOLDS].sum() / lengths[f == FOLDS].sum() for f in range(5)]
        between += sum((rate - np.mean(rates)) ** 2 for rate in rates)
        for f, rate in enumerate(rates):
            inside = np.flatnonzero(f == FOLDS)
            left = [inside[inside != d] for d in inside]
            documents += 3 / 4 * sum((column[rest].sum() / lengths[rest].sum() - rate) ** 2 for rest in left)
    variance = fold_variance(paid, lengths, FOLDS)
    assert variance.of_one == pytest.approx((between - 4 / 5 * documents) / (2 * 4))
    assert variance.degrees_of_freedom == 2 * 4
    assert fold_variance(paid[:1], lengths, FOLDS).of_one == 0  # one column


def test_folds_count_by_their_characters():
    lengths, folds = np.repeat([4000.0, 1000, 1000, 1000, 500], 2), np.repeat(np.arange(5), 2)
    equal = FoldedColumns([2 * lengths[None]] * 2, lengths, folds=folds, overlap=0.3)
    assert equal.inverse_seeds.tolist() == pytest.approx([(8**2 + 3 * 2**2 + 1) / 15**2 + 0.3] * 2)
    assert not equal.enumerable  # that folds do not differ is estimated, not known


def all_folds(seeds=1):
    """Comparisons of columns a and b with 2.0 and 1.7 bits per character, each in four documents of its own."""
    comparisons, rng = [], np.random.default_rng(1)
    for number in range(1, 6):
        whole = comparison({"a": (2.0,) * seeds, "b": (1.7,) * seeds})
        whole.corpus.test_characters, whole.corpus.train_characters = 4000, 14_000
        for cell in whole.done:
            paid = 1000 * rng.normal(cell.bits_per_character.total, 0.01, 4)
            names = [f"{number}-{i}" for i in range(4)]
            pairs = zip(names, paid, strict=True)
            cell.documents = [DocumentBits(name=name, characters=1000, bits=bits) for name, bits in pairs]
        comparisons.append(whole)
    return comparisons


def test_a_document_counts_once_with_the_mean_of_its_seeds():
    comparisons = all_folds(seeds=3)
    folds = folds_of(comparisons, "12345")
    a, b = folds.totals["a"], folds.totals["b"]
    bits = [[d.bits for d in cell.documents] for whole in comparisons for cell in whole.by_column["a"]]
    assert a == pytest.approx(np.mean(bits) / 1000)
    (contrast,) = folds.contrasts
    assert (contrast.over, contrast.outcome, contrast.fewer_in, contrast.units) == ("folds", "b", 20, 20)
    assert contrast.difference == pytest.approx(a - b)
    measured = columns_over_folds(comparisons, ["a", "b"])
    assert measured.overlap == pytest.approx(4 / 14)
    assert measured.folds.tolist() == sorted([0, 1, 2, 3, 4] * 4)
    assert folds.deviation == measured.seed_variance.of_one**0.5 > 0


@pytest.mark.parametrize("missing", ["", "b"])
def test_the_answer_is_over_all_folds_and_columns_with_a_result_in_each(missing):
    """In the first fold alone, a needs fewer bits. Warnings of later folds are kept once unless about one split."""
    comparisons = all_folds()
    comparisons[3].cells = [cell for cell in comparisons[3].cells if cell.column != missing]
    kinds = ("language", "no_tagger", "overfitting", "few_units")
    first, second, third, fourth = (Warning(kind=kind, columns=[]) for kind in kinds)
    of_folds = [[first, second], [third], [first, third, fourth], [], []]
    for whole, warnings in zip(comparisons, of_folds, strict=True):
        whole.warnings = warnings
    folds = folds_of(comparisons, "12345")
    best = answer(comparison({"a": (1.7,), "b": (2.0,)}).model_copy(update={"folds": folds}))
    assert list(folds.totals) == (["a"] if missing else ["a", "b"])
    assert (best.column, best.tied, best.runner_up) == ((None, ["a"], None) if missing else ("b", [], "a"))
    assert [warning.kind for warning in folds.warnings] == ["overfitting"]
