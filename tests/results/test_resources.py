"""What is said to be equal is, and what is not is said."""

import pytest

from tests.report.comparison_example import comparison
from toolkit.report import render
from toolkit.results.resources import OF_MATCH, excess, match_of, outcome, warnings


def matched(match, **changes):
    """A comparison of char and word:unk in which ``--match`` was to make something equal; word:unk's changes."""
    made = comparison({"char": (1.9, 1.91), "word:unk": (1.88, 1.87)})
    cells = [
        cell.model_copy(update={"matched": match} | (changes if cell.column == "word:unk" else {}))
        for cell in made.done
    ]
    return made.model_copy(update={"cells": cells})


@pytest.mark.parametrize(("match", "name"), [("chars", "characters_seen"), ("params", "parameters")])
def test_the_excess_is_that_of_the_most_over_the_least(match, name):
    equal = {"parameters": 712_535, "embedding_parameters": 22_272}
    _, (same, *_) = matched(match, **equal).by_column.values()
    made = matched(match, **equal | {name: 2 * getattr(same, name)})
    expected = 1.0 if match == "chars" else None
    if match == "params":
        expected = (2 * 712_535 - 22_272) / (712_535 - 22_272) - 1
    assert excess(made, OF_MATCH[match]) == pytest.approx(expected)
    assert warnings(made)[0].startswith(f"--match {match} did not make")


def test_what_is_within_the_tolerance_is_not_warned_of():
    made = matched("chars", characters_seen=round(60 * 64_000 * 1.029))
    assert warnings(made) == []
    assert outcome(made).startswith("--match chars made equal: characters read, within 2.9\u202f%. Left unequal (")
    assert "all parameters × 2.69" in outcome(made)  # 1,913,224 / 712,535
    assert warnings(matched("chars", characters_seen=round(60 * 64_000 * 1.031)))


def test_what_came_out_unequal_is_not_said_to_be_equal():
    said = outcome(matched("chars", characters_seen=60 * 64_000 * 7))
    assert said.startswith("--match chars did not make characters read equal. Left unequal (the largest amount ")
    assert "characters read × 7.00" in said


def test_a_column_that_was_left_out_is_not_held_to_it():
    made = matched("chars", characters_seen=1, matched=None)
    assert match_of(made) == "chars"
    assert warnings(made) == []
    three = comparison({"char": (1.9,), "word:unk": (1.88,), "word:pos": (1.87,)})
    cells = [cell.model_copy(update={"matched": "chars" if cell.column != "word:pos" else None}) for cell in three.done]
    assert "Left unequal, without word:pos (" in outcome(three.model_copy(update={"cells": cells}))


def test_what_is_equal_is_not_said_to_be_left_unequal():
    said = outcome(comparison({"char": (1.9,), "word:unk": (1.88,)}))  # which read as many characters
    assert "divided by the smallest): " in said
    assert "characters read" not in said
    assert "1.00" not in said


def test_the_page_says_what_was_made_equal():
    page = render(matched("flops"))
    assert "--match flops made equal: multiply–adds in training" in page
    assert "made equal: of all products" in page
    assert page.count("made equal: ") == 2


def test_what_is_known_of_one_column_alone_is_not_said_to_be_equal():
    made = matched("chars")
    one = made.model_copy(update={"cells": [cell for cell in made.cells if cell.column == made.cells[0].column]})
    said = "--match chars was to make equal: characters read, which cannot be compared here."
    assert outcome(one).startswith(said)
