"""What folds say together: the variance between them, the intervals, and the sentence about methods."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.helpers.intervals import FoldCase, simulate_folds
from tests.report.comparison_example import comparison
from toolkit.evaluation import folds as fold_module
from toolkit.evaluation.answer import answer
from toolkit.evaluation.conclusions import concluded
from toolkit.evaluation.folds import FoldedColumns, answer_over, contrasts, fold_variance, verdict_over_folds
from toolkit.evaluation.statistics import Columns, Estimate
from toolkit.evaluation.undertraining import Training
from toolkit.results.answer import Answer
from toolkit.results.bits import DocumentBits
from toolkit.results.folds import FoldedColumn, FoldedDocument, FoldFacts, Folds

LENGTHS = np.full(20, 1000.0)
FOLDS = np.arange(20) % 5
AB = [FoldedColumn(column=name, seeds=3, bits_per_character=2.0, documents=[]) for name in "ab"]


def bits(effects: list[list[float]], noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Bits (columns, documents) of columns whose bits per character differ from 2 by an effect of each fold."""
    rng = np.random.default_rng(seed)
    shared = 0.3 * rng.normal(size=len(LENGTHS))
    rates = 2 + shared + np.array(effects)[:, FOLDS] + noise * rng.normal(size=(len(effects), len(LENGTHS)))
    return rates * LENGTHS


def test_the_variance_of_folds_by_hand() -> None:
    """Two columns, 0.02 apart in fold 0 and alike in the others: half of it each, ±0.01 around a mean of ±0.002."""
    found = fold_variance(bits([[0.02, 0, 0, 0, 0], [0, 0, 0, 0, 0]]), LENGTHS, FOLDS)
    by_hand = 2 * (0.008**2 + 4 * 0.002**2) / (1 * 4)
    assert found.of_one == pytest.approx(by_hand)
    assert found.degrees_of_freedom == 4


def test_what_documents_add_to_the_variance_of_folds_is_estimated_by_leaving_each_out() -> None:
    rng = np.random.default_rng(3)
    lengths = rng.integers(500, 9000, size=20).astype(float)
    own = (2 + 0.1 * rng.normal(size=(3, 5))[:, FOLDS] + 0.02 * rng.normal(size=(3, 20))) * lengths
    centred = own - own.mean(axis=0)
    between = of_documents = 0.0
    for column in centred:
        rates = [column[f == FOLDS].sum() / lengths[f == FOLDS].sum() for f in range(5)]
        between += sum((rate - np.mean(rates)) ** 2 for rate in rates)
        for f, rate in enumerate(rates):
            inside = [d for d in range(20) if FOLDS[d] == f]
            without = [
                sum(column[e] for e in inside if e != d) / sum(lengths[e] for e in inside if e != d) for d in inside
            ]
            of_documents += 3 / 4 * sum((one - rate) ** 2 for one in without)
    expected = (between - 4 / 5 * of_documents) / (2 * 4)
    assert fold_variance(own, lengths, FOLDS).of_one == pytest.approx(expected)


def test_what_all_columns_share_in_a_fold_is_no_difference_between_folds() -> None:
    assert fold_variance(bits([[0.5, -0.2, 0, 0.1, 0]] * 3), LENGTHS, FOLDS).of_one == pytest.approx(0, abs=1e-20)


def test_the_variance_of_folds_is_right_on_average_beside_what_documents_add() -> None:
    rng = np.random.default_rng(0)
    found = []
    for trial in range(400):
        effects = 0.02 * rng.normal(size=(4, 5))
        own = bits(effects.tolist(), noise=0.01, seed=trial)
        centred = own - own.mean(axis=0)
        rates = np.stack([centred[:, f == FOLDS].sum(axis=1) / 4000 for f in range(5)], axis=1)
        of_documents = 0.01**2 / 4 * (1 - 1 / 4)  # of a fold's mean of four documents, less the mean of four columns
        naive = ((rates - rates.mean(axis=1, keepdims=True)) ** 2).sum() / (3 * 4)
        found.append((fold_variance(own, LENGTHS, FOLDS).of_one, naive - of_documents * 4 * 4 / (3 * 4)))
    mean, expected = np.mean(found, axis=0)
    assert mean == pytest.approx(0.02**2, rel=0.1)
    assert expected == pytest.approx(0.02**2, rel=0.1)


def test_without_an_effect_of_folds_the_interval_is_that_of_all_documents() -> None:
    own = bits([[0.0] * 5, [0.05] * 5], noise=0.0) + 1000 * np.array([[0.01, -0.01] * 10, [0.0] * 20])
    folded = FoldedColumns(list(own[:, None]), LENGTHS, folds=FOLDS, overlap=0.25)
    assert folded.seed_variance.of_one == 0
    (ours,), (plain,) = folded.contrasts(), Columns(list(own[:, None]), LENGTHS).contrasts()
    assert (ours.estimate, ours.half_width) == (plain.estimate, plain.half_width)
    assert not folded.enumerable  # that folds do not differ is estimated, not known


def test_folds_of_unequal_size_count_by_their_characters() -> None:
    lengths = np.array([4000.0, 4000, 1000, 1000, 1000, 1000, 1000, 1000, 500, 500])
    folds = np.repeat(np.arange(5), 2)
    rates = 2 + np.array([[0.03, 0.03, 0, 0, 0, 0, 0, 0, 0.01, 0.01], [0.0] * 10])
    folded = FoldedColumns(list((rates * lengths)[:, None]), lengths, folds=folds, overlap=0.3)
    shares = np.array([8, 2, 2, 2, 1]) / 15
    assert folded.inverse_seeds.tolist() == pytest.approx([(shares**2).sum() + 0.3] * 2)
    effects = np.array([0.03, 0, 0, 0, 0.01]) / 2  # beside the mean of both columns
    assert folded.seed_variance.of_one == pytest.approx(2 * ((effects - effects.mean()) ** 2).sum() / 4)


def test_a_fold_in_which_training_was_too_short_limits_what_is_said() -> None:
    apart = bits([[0.0] * 5, [0.3] * 5], noise=0.01)
    measured = FoldedColumns(list(apart[:, None]), LENGTHS, folds=FOLDS)
    early = {name: Training(2.5, True, 0.9, True, None) for name in "ab"}
    (found,) = contrasts(AB, measured, (1, 1), [{}, {}, early, {}, {}])
    assert "on such texts after this much training (" in found.verdict


def folded(*rates: float) -> Folds:
    """Columns a, b, … with these bits per character, over 20 documents."""
    own = bits([[rate] * 5 for rate in rates], noise=0.01)
    columns = [
        FoldedColumn(
            column=name,
            seeds=1,
            bits_per_character=float(of_column.sum() / LENGTHS.sum()),
            documents=[
                FoldedDocument(name=str(i), fold=int(FOLDS[i]) + 1, characters=1000, bits=float(b))
                for i, b in enumerate(of_column)
            ],
        )
        for name, of_column in zip("abc", own, strict=False)
    ]
    measured = FoldedColumns(list(own[:, None]), LENGTHS, folds=FOLDS)
    facts = [
        FoldFacts(number=n, folder=".", documents=4, characters=4000, train_characters=14_000, bits_per_character={})
        for n in range(1, 6)
    ]
    return Folds(folds=facts, columns=columns, deviation=0.0, contrasts=contrasts(columns, measured, (1, 1), [{}] * 5))


@pytest.mark.parametrize(
    ("rates", "column", "said"),
    [
        ((0.0, 0.3), "a", "Use `a`: it needs 0.3"),
        ((0.3, 0.0), "b", "less than `a`, and fewer bits in 20 of 20 documents, each held out once in 5 folds."),
        ((0.0, 0.0), None, "Nothing can be recommended: "),
        ((0.0, 0.0), None, " over all documents: it needs 0.00"),
        ((0.0, 0.0, 0.0), None, " bits per character less than `"),
        ((0.0, 0.0, 0.5), None, ", which all documents together cannot tell from it): it needs 0.5"),
    ],
)
def test_the_answer_is_over_all_documents(rates: tuple[float, ...], column: str | None, said: str) -> None:
    first = Answer(column="z", sentence="Use `z`.", step="run this", why="for that")
    found = answer_over(folded(*rates), first)
    assert found is not None
    assert said in found.sentence
    assert (found.step, found.why) == ("run this", "for that")
    if len(rates) == 2:
        assert found.column == column


def test_a_comparison_with_folds_has_the_answer_over_all_documents_however_it_is_made() -> None:
    first = comparison({"a": (2.5,), "b": (2.3,)})
    whole = first.model_copy(update={"folds": folded(0.0, 0.3)})
    assert answer(first).column == "b"
    assert answer(whole) == answer_over(folded(0.0, 0.3), answer(first))
    assert concluded(whole).answer.sentence.startswith("Use `a`: it needs 0.3")


def test_without_two_columns_in_every_fold_the_first_folds_answer_is_not_that_of_all() -> None:
    none = folded(0.0, 0.3).model_copy(update={"contrasts": []})
    first = Answer(column="b", sentence="Use `b`.", step="", why="")
    assert answer_over(none, first) == first  # the first fold has a single column itself
    none.folds[0].bits_per_character = {"a": 2.1, "b": 2.0}
    found = answer_over(none, first)
    assert found.column is None
    assert found.sentence == (
        "Nothing can be recommended over all documents: fewer than two columns have a result in every fold. "
        "Fold 1 alone: Use `b`."
    )


def test_equal_columns_are_called_equal() -> None:
    own = bits([[0.0] * 5] * 2)
    columns = [one.model_copy(update={"bits_per_character": 2.0}) for one in AB]
    (equal,) = contrasts(columns, FoldedColumns(list(own[:, None]), LENGTHS, folds=FOLDS), (1, 1), [{}] * 5)
    assert equal.verdict.endswith("; the two are equal here, and no number of documents would tell them apart")
    both = folded(0.0, 0.0).model_copy(update={"columns": columns, "contrasts": [equal]})
    found = answer_over(both, Answer(column="z", sentence="", step="", why=""))
    assert found.column is None
    assert found.sentence == "Nothing can be recommended: `a` and `b` need the same over all documents."


def test_where_p_does_not_confirm_the_interval_no_smaller_difference_is_said_to_be_told() -> None:
    unconfirmed = Estimate(-0.037, 0.01**2, 0.005**2, 2.3, 12, (1, 1), p=0.12, fewer=12)
    assert unconfirmed.excludes_zero
    said = verdict_over_folds("a", "b", unconfirmed, (1, 1), [{}] * 5)
    assert "; the interval excludes 0, but p does not confirm it; " in said
    assert said.endswith(
        "; the interval alone would tell them apart; the number of documents limits p, and how much more it would need "
        "cannot be said"
    )


def test_what_several_folds_warn_of_is_told_once_with_their_numbers() -> None:
    told: list[Any] = [SimpleNamespace(warnings=warned) for warned in (["A.", "B."], [], ["A.", "C."])]
    assert fold_module.warnings(told) == ["Folds 1, 3: A.", "Fold 3: C."]


def test_the_seeds_are_the_fewest_and_the_most_of_a_column_in_a_fold() -> None:
    one, three = comparison({"a": (2.5,), "b": (2.3,) * 3}), comparison({"a": (2.5,) * 3, "b": (2.3,) * 3})
    whole = fold_module.folds_of([three, three, one, three, three], list("12345"))
    assert "of 5 folds with 1 to 3 seeds each" in whole.contrasts[0].verdict


def test_a_column_that_cannot_be_told_from_the_best_is_named_whatever_its_rank() -> None:
    """The second may be beaten where the third, which differs more from document to document, is not."""
    three = folded(0.0, 0.1, 0.2)
    contrasts = [
        one.model_copy(update={"low": -0.5, "high": 0.1, "p": 0.3}) if (one.a, one.b) == ("a", "c") else one
        for one in three.contrasts
    ]
    found = answer_over(
        three.model_copy(update={"contrasts": contrasts}), Answer(column="z", sentence="", step="", why="")
    )
    assert found is not None
    assert found.sentence.startswith("Use `a` (or `c`, which all documents together cannot tell from it): it needs 0.1")
    assert "less than `b`, and fewer bits in" in found.sentence


def test_folds_that_differ_widen_the_interval_and_more_so_the_more_their_texts_overlap() -> None:
    own = bits([[0.02, -0.02, 0.01, -0.01, 0.0], [0.05] * 5], noise=0.002)
    widths = [
        FoldedColumns(list(own[:, None]), LENGTHS, folds=FOLDS, overlap=overlap).contrasts()[0].half_width
        for overlap in (0.0, 0.25, 0.5)
    ]
    (plain,) = Columns(list(own[:, None]), LENGTHS).contrasts()
    assert plain.half_width < widths[0] < widths[1] < widths[2]
    folded = FoldedColumns(list(own[:, None]), LENGTHS, folds=FOLDS, overlap=0.25)
    assert folded.inverse_seeds.tolist() == pytest.approx([1 / 5 + 0.25] * 2)


def test_the_sentence_is_about_the_methods_and_says_what_limits_it() -> None:
    apart = bits([[0.0] * 5, [0.3] * 5], noise=0.01)
    (beats,) = contrasts(AB, FoldedColumns(list(apart[:, None]), LENGTHS, folds=FOLDS), (3, 3), [{}] * 5)
    assert beats.verdict.startswith("a beats b by 0.3")
    assert (
        "over 20 documents, each held out once, and over the training texts of 5 folds with 3 seeds each"
        in beats.verdict
    )
    assert "about the methods on such texts" in beats.verdict
    unstable = bits([[0.1, -0.1, 0.1, -0.1, 0.0], [0.0] * 5], noise=0.001)
    (tied,) = contrasts(
        AB, FoldedColumns(list(unstable[:, None]), LENGTHS, folds=FOLDS, overlap=0.25), (1, 3), [{}] * 5
    )
    assert tied.verdict.startswith("cannot tell a from b on such texts: the difference is")
    assert "of 5 folds with 1 to 3 seeds each" in tied.verdict
    assert tied.verdict.endswith("how training differs from fold to fold limits it")


def test_several_contrasts_are_said_to_be_read_together_and_documents_may_be_what_limits_them() -> None:
    scattered = bits([[0.0] * 5] * 3, noise=0.3)
    abc = [*AB, AB[0].model_copy(update={"column": "c"})]
    tied, *_ = contrasts(abc, FoldedColumns(list(scattered[:, None]), LENGTHS, folds=FOLDS), (1, 1), [{}] * 5)
    assert ", wide enough for 3 contrasts together; p = " in tied.verdict
    assert ", adjusted for all of them; " in tied.verdict
    assert tied.verdict.endswith("and the number of documents limits it")


@pytest.mark.parametrize("effect", ["none", "differs"])
def test_intervals_hold_and_equal_columns_are_not_told_apart(effect: str) -> None:
    coverage, beats = simulate_folds(FoldCase(45, 2, effect), 120)
    assert coverage >= 0.9
    assert beats <= 0.1


def test_a_document_counts_once_with_the_mean_of_its_seeds() -> None:
    def cell(*bits_of: float) -> Any:
        return SimpleNamespace(
            documents=[DocumentBits(name=str(i), characters=10, bits=b) for i, b in enumerate(bits_of)]
        )

    found = fold_module.folded("a", [[cell(20, 40), cell(30, 40)], [cell(50, 10), cell(70, 10)]])
    assert [(one.fold, one.bits) for one in found.documents] == [(1, 25), (1, 40), (2, 60), (2, 10)]
    assert (found.seeds, found.bits_per_character) == (2, 135 / 40)
