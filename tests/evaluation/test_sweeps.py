"""Verdicts on sweeps, from comparisons written by hand: their contrasts have intervals of ± 0.034."""

from dataclasses import replace

import pytest

from tests.report.comparison_example import swept
from toolkit.evaluation.sweeps import sweep_of, verdict
from toolkit.evaluation.undertraining import Training
from toolkit.results.sweeps import Point, Sweep

SIZES = {256: 2.09, 512: 2.03, 1024: 2.01, 2048: 2.04, 4096: 2.16}


def concluded(totals: dict[int, float], **changed: float) -> Sweep:
    """The sweep of byte pairs with these held-out bits; ``changed`` are validation bits of other columns."""
    whole = swept("bpe", "vocabulary_size", totals, baselines=[])
    for cell in whole.done:
        for row in cell.history:
            row.valid_bits_per_character = changed.get(
                f"v{cell.column.rpartition('-')[2]}", cell.bits_per_character.total
            )
    return sweep_of(whole, whole.sweeps[0])


def test_the_best_value_is_named_with_those_it_cannot_be_told_from() -> None:
    sweep = concluded(SIZES)
    assert sweep.verdict == (
        "Of 5 values of vocabulary_size for bpe, 1024 is the best on the validation text and needs 2.010 bits per "
        "character of the held-out text; it cannot be told from 512 and 2048; 256 and 4096 need more."
    )
    assert (sweep.best, sweep.chosen_on) == ("bpe-vocabulary_size-1024", "validation")


def test_values_that_change_nothing_are_said_to() -> None:
    """As of a setting that another one overrules, or of a vocabulary that is larger than a corpus has merges for."""
    told = concluded({256: 2.09, 512: 2.01, 1024: 2.01, 2048: 2.01, 4096: 2.04}).verdict
    assert told.endswith(
        "; it cannot be told from 4096; 1024 and 2048 need exactly as many bits as it: between them "
        "vocabulary_size changes nothing; 256 needs more."
    )
    two = concluded({256: 2.01, 512: 2.01})
    assert "; 512 needs exactly as many bits as it" in two.verdict
    assert [two.standing(point) for point in two.points] == ["best", "the same"]


def test_values_that_change_nothing_among_themselves_are_said_to() -> None:
    told = concluded({256: 2.16, 512: 2.16, 1024: 2.01, 2048: 2.09, 4096: 2.09, 8192: 2.2}).verdict
    assert told.endswith(
        "; between 256 and 512 vocabulary_size changes nothing; between 2048 and 4096 vocabulary_size changes nothing; "
        "256, 512, 2048, 4096 and 8192 need more."
    )


def test_intervals_are_those_of_the_difference_from_the_best() -> None:
    """Whichever of the two columns the contrast subtracts: those before the best have the difference turned."""
    for point in concluded(SIZES).points:
        if point.value == 1024:
            assert (point.difference, point.low, point.high, point.settled) == (None, None, None, None)
        else:
            difference = SIZES[int(point.value)] - 2.01
            assert (point.difference, point.low, point.high) == pytest.approx(
                (difference, difference - 0.034, difference + 0.034)
            )
            assert point.settled == (difference > 0.034)


def test_the_best_is_chosen_on_the_validation_text_whatever_the_held_out_text_says() -> None:
    sweep = concluded(SIZES, v4096=1.5)
    assert sweep.best == "bpe-vocabulary_size-4096"
    assert sweep.points[-1].valid_bits_per_character == 1.5
    assert sweep.verdict == (
        "Of 5 values of vocabulary_size for bpe, 4096, the largest value tried, is the best on the validation text and "
        "needs 2.160 bits per character of the held-out text; 256, 512, 1024 and 2048 need fewer."
    )


def test_the_best_check_of_each_seed_decides() -> None:
    whole = swept("char", "network.units", {8: (2.4, 2.5), 16: (2.2, 2.1)}, baselines=[])
    for cell in whole.done:
        cell.history[1].valid_bits_per_character = 1.0 + cell.seed / 10
    first, _ = sweep_of(whole, whole.sweeps[0]).points
    assert first.valid_bits_per_character == pytest.approx((1.1 + 1.2) / 2)
    assert first.bits_per_character == pytest.approx(2.45)


def test_what_is_counted_has_no_validation_bits_and_the_choice_flatters() -> None:
    whole = swept("word:cluster@ngram", "k", {2: 2.2, 4: 2.0, 8: 2.01}, baselines=[])
    whole.done[2].history.clear()  # of one is enough: the others cannot be compared with it
    sweep = sweep_of(whole, whole.sweeps[0])
    assert sweep.chosen_on == "held-out"
    assert sweep.verdict == (
        "Of 3 values of k for word:cluster@ngram, 4 needs the fewest bits per character of the held-out text, "
        "2.000, which flatters it (what is counted has no validation bits to choose by); it cannot be told from 8; 2 "
        "needs more."
    )


def test_a_value_whose_column_failed_is_named() -> None:
    whole = swept("bpe", "vocabulary_size", SIZES, baselines=[])
    cells = [cell for cell in whole.done if not cell.column.endswith(("-256", "-512"))]
    sweep = sweep_of(whole.model_copy(update={"cells": cells}), whole.sweeps[0])
    assert sweep.verdict.endswith("it cannot be told from 2048; 4096 needs more; 256 and 512 have no result.")
    only = sweep_of(whole.model_copy(update={"cells": cells[-1:]}), whole.sweeps[0])
    assert only.verdict == (
        "Of 5 values of vocabulary_size for bpe, only 4096 has a result: 2.160 bits per character of the held-out text."
    )
    none = sweep_of(whole.model_copy(update={"cells": []}), whole.sweeps[0])
    assert none.verdict == "No value of vocabulary_size for bpe has a result."
    assert (none.best, none.chosen_on, none.measured) == (None, None, [])


def test_training_that_was_too_short_qualifies_the_verdict() -> None:
    whole = swept("bpe", "vocabulary_size", SIZES)  # PPMd needs 2.079, and 4096 is above it
    assert sweep_of(whole, whole.sweeps[0]).verdict.startswith("After this much training, of 5 values of")


def test_only_a_value_that_is_behind_can_still_catch_up() -> None:
    sweep = concluded(SIZES)
    (best,) = (point for point in sweep.points if point.column == sweep.best)
    flat = Training(2.0, True, 0.0, True, None)
    for column, early in (("bpe-vocabulary_size-256", True), ("bpe-vocabulary_size-512", False), (best.column, False)):
        of = {point.column: flat for point in sweep.points} | {column: replace(flat, falling=0.09)}
        assert verdict(sweep, best, of).startswith("After this much training, ") == early


def test_text_and_truth_values_have_no_largest() -> None:
    whole = swept("word:pos", "case", {"keep": 2.1, "mark": 2.0}, baselines=[])
    verdict = sweep_of(whole, whole.sweeps[0]).verdict
    assert verdict.endswith("needs 2.000 bits per character of the held-out text; keep needs more.")


def test_values_keep_their_types_in_the_file() -> None:
    values = [True, False, 1, 1.5, "1", "true"]
    sweep = Sweep(column="a", key="k", points=[Point(value=value, column="b") for value in values])
    read = Sweep.model_validate_json(sweep.model_dump_json())
    assert [(type(point.value), point.value) for point in read.points] == [(type(value), value) for value in values]


def test_what_was_asked_for_is_the_sweep_without_its_results() -> None:
    whole = swept("bpe", "vocabulary_size", SIZES)
    assert sweep_of(whole, whole.sweeps[0]).asked == whole.sweeps[0]
