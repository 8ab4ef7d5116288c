"""The restriction, as laws over any text."""

import string

from hypothesis import given
from hypothesis import strategies as st

from toolkit.article.alphabet import MARKS, Alphabet, restricted


@given(st.text())
def test_only_letters_digits_marks_and_single_spaces_are_left(text):
    left = restricted(text)
    assert all(c.isalnum() or c in MARKS or c == " " for c in left)
    assert "  " not in left
    assert "_" not in left
    assert restricted(left) == left


@given(st.text(alphabet=string.ascii_letters + string.digits + MARKS))
def test_what_is_permitted_stays(text):
    assert restricted(text) == text


@given(st.text(min_size=1), st.text())
def test_decoding_gives_the_text_back_and_a_space_for_what_the_alphabet_has_not(text, other):
    alphabet = Alphabet.of(text)
    assert alphabet.decode(alphabet.encode(text)) == text
    read = alphabet.decode(alphabet.encode(other))
    assert read == "".join(c if c in {" ", *text} else " " for c in other)
