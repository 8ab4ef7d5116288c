"""What a fit says of columns that have not been trained."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from tests.benchmarks.prediction import RIDGE, fitted, read_rows, ridge, trials, tried
from toolkit.comparison.completing import completed
from toolkit.inspection.prediction import (
    FEATURES,
    ColumnCounts,
    Corpus,
    Fit,
    beyond,
    predicted,
    saved_fit,
    verdict,
)


def fit(off_between: float = 0.02) -> Fit:
    """A fit by hand: the gap is 0.1 + 0.5 · (second feature − 2)."""
    return Fit(
        intercept=0.1, coefficients=[0, 0.5, 0, 0, 0], means=[0, 2, 0, 0, 0], scales=[1, 1, 1, 1, 1],
        columns=["char", "word:pos"], recipes=["small"], lowest=[4, 0, 0, 0, 1], highest=[6, 3, 1, 0.3, 4], off=0.03,
        off_between=off_between, right=0.9, best="word:pos", constant=0.8, texts=3, quantile=2.0, corpora=[],
    )  # fmt: skip


def test_ridge_is_that_of_another_library() -> None:
    rng = np.random.default_rng(3)
    matrix, target = rng.normal(size=(30, 4)) * [1, 5, 0.1, 2] + 3, rng.normal(size=30)
    intercept, coefficients, means, scales = ridge(matrix, target)
    other = Ridge(alpha=RIDGE).fit((matrix - means) / scales, target)
    assert coefficients == pytest.approx(other.coef_)
    assert intercept == pytest.approx(other.intercept_)


def test_a_gap_is_linear_in_the_features() -> None:
    assert fit().gap([9, 4, 9, 9, 9]) == pytest.approx(0.1 + 0.5 * 2)


def test_a_column_is_predicted_from_its_ngram(inspection) -> None:
    column = inspection.columns[0]
    prediction = predicted(inspection, [column], fit())
    assert prediction is not None
    (only,) = prediction.columns
    counts = ColumnCounts.of(inspection, column)
    wanted = column.ngram.bits_per_character.total + fit().gap(counts.features)
    assert only.bits_per_character == pytest.approx(wanted)
    assert (only.low, only.high) == pytest.approx((wanted - 0.06, wanted + 0.06))
    assert len(counts.features) == len(FEATURES)


def test_without_networks_of_the_recipe_there_is_none(inspection) -> None:
    """The fixture's networks have eight units."""
    assert inspection.prediction is None
    assert predicted(inspection, [], fit()) is None


def test_a_winner_is_named_only_where_the_difference_exceeds_its_interval() -> None:
    bits = {"char": 2.1, "word": 2.0}
    assert verdict(bits, fit(0.02)) == "word will win: 0.10 ± 0.04 bits per character less than char"
    assert verdict(bits, fit(0.2)).startswith("word is ahead of char, but by too little to be sure")
    assert verdict({"char": 2.1}, fit()) == "char will need 2.10 ± 0.06 bits per character"


def counts(**changed) -> ColumnCounts:
    """A column's counts, inside of what the fit by hand has seen."""
    usual = {"characters": 200_000, "tokens": 40_000, "one_hot": False, "unseen": 0.1, "ngram_bits": 2.0}
    return ColumnCounts(**usual | changed)


def test_what_lies_beyond_the_corpora_fitted_to_is_said() -> None:
    """Chinese text: few characters a token, half of them unseen."""
    assert beyond({"char": counts()}, fit(), "small") == []
    found = beyond({"char": counts(), "word:pos": counts(unseen=0.5, ngram_bits=5.5)}, fit(), "standard")
    assert found == [
        "the recipe is standard, where it was small",
        "the unseen share of the held-out tokens: 0.10 to 0.50, where it was 0.00 to 0.30",
        "the bits per character of the n-gram: 2.00 to 5.50, where it was 1.00 to 4.00",
    ]


def test_how_often_the_best_column_was_named_is_said_only_of_the_same_columns(inspection) -> None:
    char, word, _ = inspection.columns
    both, one = (predicted(inspection, columns, fit()) for columns in ([char, word], [char]))
    assert (both.right, both.best, both.constant) == (0.9, "word:pos", 0.8)
    assert "named the best column in 90%; always naming word:pos would have been right in 80%." in both.sentence
    assert (one.right, one.best, one.constant) == (None, "", None)
    assert one.sentence.endswith("were off by 0.030 bits per character (root of the mean square).")


@pytest.mark.parametrize("update", [{"name": "moved"}, {"characters": 1}], ids=str)
def test_a_corpus_that_was_fitted_to_is_said_to_be(inspection, update) -> None:
    """It is known by its name, or by how long its training text is."""
    this = {"name": inspection.name, "characters": inspection.text["train"].characters}
    of_this = fit().model_copy(update={"corpora": [Corpus(name="other", characters=7), Corpus(**this | update)]})
    prediction = predicted(inspection, inspection.columns[:1], of_this)
    assert prediction.seen == update.get("name", inspection.name)
    assert f"One of them, {prediction.seen}, has the name or the length of this corpus" in prediction.sentence
    other = fit().model_copy(update={"corpora": [Corpus(name="other", characters=7)]})
    assert "One of them" not in predicted(inspection, inspection.columns[:1], other).sentence


@pytest.mark.slow
def test_a_column_that_was_not_fitted_to_is_not_predicted(brief_folder, counted, monkeypatch) -> None:
    """word:unk, and word:pos with an option, are other columns than those of the fit."""
    settings = {"network": {"units": 8}, "train": {"updates": 3}}
    monkeypatch.setattr(
        "toolkit.inspection.inspection.completed",
        lambda _, characters, kind: completed(settings, characters, kind),
    )
    inspection = counted(brief_folder, "char,word,word:unk", rare_max_count=2, settings=settings)
    assert inspection.prediction is not None
    assert [column.column for column in inspection.prediction.columns] == ["char"]


def test_the_fit_that_comes_along_is_that_of_the_table() -> None:
    rows = read_rows()
    made = tried(fitted(rows), trials(rows))
    saved = saved_fit()
    assert made.corpora == saved.corpora
    for name in ("intercept", "coefficients", "means", "scales", "lowest", "highest", "off", "right", "quantile"):
        assert getattr(made, name) == pytest.approx(getattr(saved, name)), name


def test_the_fit_that_comes_along_is_of_many_corpora() -> None:
    saved = saved_fit()
    assert len(saved.corpora) >= 8
    assert max(c.characters for c in saved.corpora) > 5 * min(c.characters for c in saved.corpora)
    assert len(saved.coefficients) == len(saved.means) == len(saved.scales) == len(FEATURES)
    assert 0 < saved.off < 0.5
    assert 0 <= saved.right <= 1
