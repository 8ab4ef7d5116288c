"""The answer in one sentence, from invented comparisons; and the same from real numbers computed anew."""

import re

import pytest

from tests.report.comparison_example import NINE, comparison
from toolkit.errors import OUT_OF_MEMORY
from toolkit.evaluation.answer import answer, next_step
from toolkit.evaluation.commands import how_to_train_on
from toolkit.evaluation.contrasts import contrasts_of
from toolkit.evaluation.undertraining import training, training_warnings
from toolkit.results.cell import FailedCell, Verified
from toolkit.results.corpus import FractionFacts
from toolkit.results.folds import Folds

FAILED = FailedCell(
    column="bpe", tokenizer="bpe", strategy=None, model="lstm", seed=1, fraction=1.0, run="runs/bpe-seed1",
    reason=OUT_OF_MEMORY,
)  # fmt: skip


def test_the_best_column_is_recommended_with_its_interval_its_ground_and_its_price():
    found = answer(comparison({"char": (2.5, 2.5), "word:pos": (2.3, 2.3)}))
    assert found.column == "word:pos"
    assert found.sentence.startswith("Use `word:pos`: it needs 0.200 ± 0.034 bits per character less than `char`")
    assert "of 9 held-out documents; 2 seeds; " in found.sentence
    assert re.search(
        r", and fewer bits in 9 of 9 held-out documents; .*; it trained for \S+ s, `char` for \S+ s\.$", found.sentence
    )


def test_columns_that_cannot_be_told_from_the_best_are_named_with_it():
    found = answer(comparison({"char": (2.5,), "word:unk": (2.31,), "word:pos": (2.3,)}))
    assert "Use `word:pos` (or `word:unk`, which this comparison cannot tell from it): it needs 0.200" in found.sentence
    assert "less than `char`" in found.sentence


def test_where_nothing_is_settled_nothing_is_recommended_and_what_would_settle_it_is_said():
    near = comparison({"char": (2.31,), "word:pos": (2.3,)})
    near.contrasts[0].verdict = "cannot tell char from word:pos: … (p = 0.4); about 14 more documents would be needed"
    found = answer(near)
    assert found.column is None
    assert found.sentence.startswith("Nothing can be recommended: `word:pos` cannot be told from `char` (")
    assert found.sentence.endswith("; about 14 more documents would be needed.")


@pytest.mark.parametrize(("totals", "said"), [({}, "no column has a result"), ({"char": (2.4,)}, "no second column")])
def test_without_two_columns_there_is_no_recommendation(totals, said):
    found = answer(comparison(totals))
    assert found.column is None
    assert said in found.sentence


def test_the_documents_that_are_counted_are_those_of_the_verdict():
    """In the verdict's own words, which are computed from the same documents in another way."""
    whole = comparison({"char": (2.5, 2.52), "word:pos": (2.3, 2.31)})
    whole.contrasts = contrasts_of(whole)
    clause = answer(whole).sentence.split("fewer bits in ")[1].split(";")[0]
    assert f"word:pos has fewer bits in {clause}" in whole.contrasts[0].verdict


def test_the_next_step_goes_from_what_failed_to_more_training_to_more_seeds_to_the_proof():
    settled = {"char": (2.02,) * 3, "word:pos": (1.8,) * 3}
    failed = comparison(settled, failed=(FAILED,))
    assert next_step(failed)[0] == failed.command
    early = comparison({"char": (2.9,) * 3, "word:pos": (2.5,) * 3})  # above PPMd
    assert next_step(early)[0].endswith(" --more 2x")
    flat = comparison({name: totals[:2] for name, totals in settled.items()})
    for cell in [*flat.cells, *(done := comparison(settled)).cells]:
        cell.history = cell.history[-1:]  # a single check: nothing is known to be falling
    assert next_step(flat)[0].endswith(" --corpus weird-tales --seeds 3")
    for cell in done.cells:
        cell.verified = None
    assert next_step(done)[0].endswith(" --verify")
    done.command += " --out reports/tales--verify"  # which is no option
    assert next_step(done)[0] == f"{done.command} --verify"
    for cell in done.cells:
        cell.verified = Verified(characters=10, bits=20.0, bytes=3)
    assert next_step(done) == ("", "")
    done.command = "toolkit.compare(['char', 'word'])"
    assert next_step(done) == ("", "")


def test_a_seed_that_failed_for_good_was_asked_for_too():
    """Or the next step would be the command that was just run."""
    diverged = [
        FAILED.model_copy(update={"column": "char", "tokenizer": "char", "seed": seed, "reason": "training diverged"})
        for seed in (2, 3)
    ]
    one_left = comparison({"char": (2.02,), "word:pos": (1.8,) * 3}, failed=tuple(diverged))
    for cell in one_left.done:
        cell.history, cell.verified = cell.history[-1:], None
    assert next_step(one_left)[0].endswith(" --verify")
    assert next_step(one_left.model_copy(update={"cells": one_left.done}))[0].endswith(" --seeds 3")


def test_a_folder_whose_name_has_more_in_it_is_trained_on():
    early = comparison({"char": (2.9,) * 3, "word:pos": (2.5,) * 3})
    early.command += " --out some--more"
    assert next_step(early)[0] == f"{early.command} --more 2x"


@pytest.mark.parametrize(("reason", "again"), [(OUT_OF_MEMORY, True), ("training diverged after 3 updates", False)])
def test_what_failed_in_a_later_fold_is_computed_first(reason, again):
    whole = comparison({"char": (2.9,) * 3, "word:pos": (2.5,) * 3})
    failed = [f"Fold 3: char, seed 0, has no result: {reason}"]
    whole.folds = Folds(folds=[], columns=[], deviation=0.0, contrasts=[], failed=failed)
    assert (next_step(whole)[0] == whole.command) == again


def test_what_fails_again_with_the_same_settings_is_no_next_step():
    diverged = FAILED.model_copy(update={"reason": "training diverged after 3 updates"})
    failed = comparison({"char": (2.9,) * 3, "word:pos": (2.5,) * 3}, failed=(diverged,))
    assert next_step(failed)[0].endswith(" --more 2x")


@pytest.mark.parametrize(
    "reason",
    [
        "its code raises IndexError: list index out of range",
        "probabilities sum to 2",
        "the training loss became nan after 312 updates",  # which may be its code's, too
    ],
)
@pytest.mark.parametrize("foreign", [{"tokenizer": "mine"}, {"strategy": "mine"}, {"model": "mine"}], ids=str)
def test_where_code_may_have_to_change_there_is_no_command_to_run_before(reason, foreign):
    broken = [
        FAILED.model_copy(update={"column": name, "reason": reason} | foreign)
        for name in ("word:a", "word:b", "word:b")
    ]
    whole = comparison({"char": (2.9,)}, failed=tuple(broken))
    whole.command += " --code=mine.py"
    again = "repeat the command with --fresh, or with another --out"
    step, why = next_step(whole)
    assert step == ""
    assert why == f"see why word:a and word:b have no result; after a change of their code {again}"
    assert answer(whole).why == why
    whole.cells.pop(1)
    assert next_step(whole)[1] == f"see why word:b has no result; after a change of its code {again}"


@pytest.mark.parametrize("reason", ["the training loss became nan after 312 updates", "probabilities sum to 2"])
@pytest.mark.parametrize("model", ["lstm", "gru", "ngram"])
def test_a_built_in_column_that_fails_beside_someones_code_is_not_put_down_to_it(reason, model):
    ours = FAILED.model_copy(
        update={"column": "word", "tokenizer": "word", "strategy": "pos", "model": model, "reason": reason}
    )
    whole = comparison({"char": (2.9,)}, failed=(ours,))
    whole.command += " --code mine.py"
    assert next_step(whole)[0].endswith(" --seeds 3")


def test_a_folder_that_is_called_like_the_option_is_no_code():
    whole = comparison({"char": (2.9,)}, failed=(FAILED.model_copy(update={"tokenizer": "mine", "reason": "no"}),))
    whole.command += " --out with--code"
    assert next_step(whole)[0].endswith(" --seeds 3")


@pytest.mark.parametrize(
    ("settings", "fractions"),
    [
        ({"columns": {"char": {"train": {"updates": 40}}}}, []),
        ({"match": "params"}, []),
        ({}, [0.5, 1.0]),  # which the folder has from a command before
    ],
    ids=str,
)
def test_where_training_cannot_go_on_the_next_step_is_another(settings, fractions):
    early = comparison({"char": (2.9,), "word:pos": (2.5,)})
    early.settings |= settings
    sizes = {"documents": 3, "characters": 90, "tokens": 20, "types": 10, "unseen_token_share": 0.1, "recipe": "small"}
    parts = [FractionFacts(fraction=fraction, **sizes) for fraction in fractions]
    early.corpus = early.corpus.model_copy(update={"fractions": parts})
    assert next_step(early)[0].endswith(" --seeds 3")
    assert "--more" not in " ".join(training_warnings(early, training(early)))


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"match": "params", "train": {"updates": 40, "budget_seconds": 60.0}}, "--budget"),
        ({"match": "chars", "train": {"updates": 40, "epochs": 2}}, "--epochs"),
        ({"match": "chars", "train": {"updates": 40}}, "train.updates"),
        ({"columns": {"word:pos": {"train": {"epochs": 5}}}}, 'columns."word:pos".train.epochs'),
        ({"columns": {"char": {"train": {"batch": 8}}}, "train": {"updates": 40, "epochs": 2}}, "--epochs"),
    ],
    ids=str,
)
def test_what_is_to_be_larger_in_a_new_start_is_what_says_how_long_training_is(settings, option):
    early = comparison({"char": (2.9,), "word:pos": (2.5,)})
    early.settings |= settings
    assert how_to_train_on(early) == f"start again with a larger {option}"


def test_no_cell_is_computed_in_a_joined_comparison_whatever_settings_its_columns_have():
    joined = comparison({"char": (2.9,), "word:unk": (2.5,)})
    joined.command = "toolkit report a b"
    joined.settings["columns"] = {"word:unk": {"train": {"epochs": 5}}}
    assert how_to_train_on(joined) == "train each of the joined comparisons longer, and join them again"


@pytest.mark.parametrize("command", ["toolkit compare for Anna's class", "toolkit compare it", "my own words", ""])
def test_a_comparison_that_is_called_by_other_words_has_no_next_step(command):
    early = comparison({"char": (2.9,), "word:pos": (2.5,)})
    early.command = command
    assert next_step(early) == ("", "")
    assert "To train on: ask for the same again with --more 2x." in training_warnings(early, training(early))[0]


def test_of_a_comparison_that_grew_the_last_command_goes_on_and_a_joined_one_has_none():
    grown = comparison({"char": (2.9,), "bpe": (2.5,)})
    grown.command = "toolkit compare --tokenizers char; toolkit compare --tokenizers char,bpe --out 'a b'"
    assert next_step(grown)[0] == "toolkit compare --tokenizers char,bpe --out 'a b' --more 2x"
    grown.command = "toolkit report a b"
    assert next_step(grown) == ("", "")


def test_what_is_only_counted_is_not_to_be_counted_again_with_other_seeds_and_has_no_price():
    counted = comparison({"char@ngram": (2.3,), "word:unk@ngram": (2.0,)})
    for cell in counted.cells:
        cell.history, cell.train_seconds = [], 0.3
    assert "--seeds 3" not in next_step(counted)[0]
    assert "of training" not in answer(counted).sentence


def test_nine_columns_have_a_sentence_that_can_be_read():
    assert len(answer(comparison(NINE)).sentence) < 320
