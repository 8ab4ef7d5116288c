"""Folding loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.text.casing import CASES, case_at, cased, fold


@given(st.text(st.one_of(st.sampled_from("aAßẞİıǅŉΣςσﬁⅷⅧ1'"), st.characters(exclude_categories=["Cs"])), max_size=8))
def test_every_text_comes_back(text):
    folded, case = fold(text)
    assert case in CASES
    assert cased(folded, case) == text


@pytest.mark.parametrize("word", ["fen", "Fen", "FEN"])
def test_cases_of_a_word_have_one_type(word):
    assert fold(word)[0] == "fen"


def test_one_capital_is_a_capital():
    assert fold("I") == ("i", "capital")


@pytest.mark.parametrize(
    ("before", "after", "case"),
    [
        ("", " of the fen", "capital"),
        ("  “", " said he", "capital"),
        ("He slept. ", " of the fen", "capital"),
        ("He slept!” ", " of the fen", "capital"),
        ("He slept. (", " of the fen", "capital"),
        ("Chapter One\n\n", " of the fen", "capital"),
        ("He said, “", " is here", "capital"),
        ("the old ", " of the fen", "lower"),
        ("in verse,\n", " of the fen", "lower"),
        ("a so-called “", "” of his", "lower"),
        ("SPECIMENS OF ", " STOP", "upper"),
        ("SPECIMENS OF ", "", "upper"),
        ("He sailed for the USA ", ".\n\nNext", "lower"),  # one acronym is no line in capitals
        ("\n", " IN THE FEN", "upper"),
        ("I ", " of the fen", "lower"),  # a single letter is no shout
        ("signed TULL. ", " on the fen", "capital"),
        ("THE END\n\n", " on the fen", "capital"),
        ("he read of the BLACK ", " STONE and slept", "upper"),  # the words beside it, whatever the rest of the line
    ],
)
def test_a_place_asks_for_a_case(before, after, case):
    assert case_at(before, after) == case
