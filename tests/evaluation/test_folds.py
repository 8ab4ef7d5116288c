"""Folds together: the variance between them, their intervals and their warnings."""

import numpy as np
import pytest

from tests.helpers.intervals import FoldCase, simulate_folds
from tests.report.comparison_example import comparison
from toolkit.evaluation.folds import FoldedColumns, columns_over_folds, fold_variance, folds_of
from toolkit.evaluation.warnings import answer
from toolkit.results.bits import DocumentBits
from toolkit.results.conclusions import Warning

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


def test_folds_count_by_their_characters():
    lengths, folds = (
        np.array([4000.0, 4000, 1000, 1000, 1000, 1000, 1000, 1000, 500, 500]),
        np.repeat(np.arange(5), 2),
    )
    equal = FoldedColumns([2 * lengths[None]] * 2, lengths, folds=folds, overlap=0.3)
    assert equal.inverse_seeds.tolist() == pytest.approx([(8**2 + 3 * 2**2 + 1) / 15**2 + 0.3] * 2)
    assert not equal.enumerable  # that folds do not differ is estimated, not known


@pytest.mark.parametrize("effect", ["none", "differs"])
def test_intervals_hold_and_equal_columns_are_seldom_distinguished(effect):
    coverage, beats = simulate_folds(FoldCase(45, 2, effect), 120)
    assert coverage >= 0.9
    assert beats <= 0.1


def all_folds(a, b, seeds=1):
    """Comparisons of columns a and b with these bits per character, each in four documents of its own."""
    comparisons, rng = [], np.random.default_rng(1)
    for number in range(1, 6):
        whole = comparison({"a": (a,) * seeds, "b": (b,) * seeds})
        whole.corpus.test_characters, whole.corpus.train_characters = 4000, 14_000
        for cell in whole.done:
            paid = 1000 * rng.normal(cell.bits_per_character.total, 0.01, 4)
            cell.documents = [
                DocumentBits(name=f"{number}-{i}", characters=1000, bits=b) for i, b in enumerate(paid)
            ]
        comparisons.append(whole)
    return comparisons


def test_a_document_counts_once_with_the_mean_of_its_seeds():
    comparisons = all_folds(2.0, 1.7, seeds=3)
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


@pytest.mark.parametrize("missing", ["", "b"])
def test_the_answer_is_over_all_folds_and_columns_with_a_result_in_each(missing):
    """In the first fold alone, a needs fewer bits."""
    comparisons = all_folds(2.0, 1.7)
    comparisons[3].cells = [cell for cell in comparisons[3].cells if cell.column != missing]
    folds = folds_of(comparisons, "12345")
    best = answer(comparison({"a": (1.7,), "b": (2.0,)}).model_copy(update={"folds": folds}))
    assert list(folds.totals) == (["a"] if missing else ["a", "b"])
    assert (best.column, best.tied, best.runner_up) == ((None, ["a"], None) if missing else ("b", [], "a"))


def test_warnings_of_later_folds_are_kept_once_unless_they_are_about_one_split():
    kinds = ("language", "excerpt", "overfitting", "few_units")
    first, second, third, fourth = (Warning(kind=kind, columns=[]) for kind in kinds)
    comparisons = all_folds(2.0, 1.7)
    for whole, warnings in zip(
        comparisons, ([first, second], [third], [first, third, fourth], [], []), strict=True
    ):
        whole.warnings = warnings
    assert [warning.kind for warning in folds_of(comparisons, "12345").warnings] == ["overfitting"]
