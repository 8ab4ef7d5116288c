"""Endings that are frequent in a text: worked by hand, and what holds for any words."""

from hypothesis import given
from hypothesis import strategies as st
from toolkit.text.endings import LONG, LONGEST, MOST, ending_of, frequent_endings

STEMS = ("talo", "katu", "kirja", "metsä", "silta", "koulu")
WORDS = st.lists(st.text("abcdeä", min_size=1, max_size=9), max_size=60)


def test_the_endings_that_words_share_are_found():
    words = [stem + ending for stem in STEMS for ending in ("ssa", "lle", "ksi")]
    assert set(frequent_endings(words)) >= {"ssa", "lle", "ksi"}


def test_a_text_without_frequent_endings_has_none():
    assert frequent_endings(["cat", "house", "table"]) == ()
    assert frequent_endings([]) == ()


@given(WORDS)
def test_endings_are_few_short_and_the_same_in_any_order(words):
    endings = frequent_endings(words)
    assert endings == frequent_endings(reversed(words))
    assert len(endings) == len(set(endings)) <= MOST
    assert list(map(len, endings)) == sorted(map(len, endings), reverse=True)
    for ending in endings:
        assert 1 <= len(ending) <= LONGEST
        assert any(word.endswith(ending) for word in words)


@given(WORDS)
def test_a_word_has_the_longest_of_its_endings(words):
    endings = frequent_endings(words)
    for word in words:
        has = [ending for ending in endings if word.endswith(ending)]
        assert ending_of(word, endings) == (max(has, key=len) if has and len(word) >= LONG else "")
