"""Folding loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.text.casing import CASES, cased, fold


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
