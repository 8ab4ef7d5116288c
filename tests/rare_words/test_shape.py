"""Shapes: signatures worked by hand, and a speller that keeps to them without shutting a word of the shape out."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.distribution import FLOOR
from toolkit.rare_words.placeholders import can_become, kinds_of, shape, within_shape
from toolkit.spelling.speller import Prefix, SpellerData, WordSpeller
from toolkit.text.words import JOINER

CHARACTERS = (JOINER, *"aiBD1-sdgný’")
LETTERS = st.text(st.sampled_from(CHARACTERS[1:]), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cats as grass", ["LC-s", "LC", "LC"]),
        ("walked red", ["LC-ed", "LC"]),  # the second is shorter than five characters
        ("nation pretty charity", ["LC-ion", "LC-y", "LC-ity"]),
        ("Arkham A Cats", ["INITC", "INITC", "INITC-s"]),
        ("USA iPad O'Neill", ["ALLC", "MIXC", "MIXC"]),
        ("1871 B2B", ["NUM", "ALLC-NUM"]),
        ("well-being 1871-s", ["LC-DASH", "LC-NUM-DASH-s"]),  # no suffix beside a hyphen
        ("— ''", ["NONE", "NONE"]),
    ],
)
def test_signatures(words, expected):
    assert list(map(shape, words.split())) == expected


@given(LETTERS, st.sampled_from(["", JOINER]), st.sampled_from(["", JOINER]))
def test_no_word_is_shut_out_of_its_own_shape(word, left, right):
    surface, word_class = left + word + right, shape(word)
    for place, character in enumerate(surface):
        allowed = within_shape(word_class, surface[:place], CHARACTERS)
        assert allowed[1 + CHARACTERS.index(character)], (surface, place)
    assert within_shape(word_class, surface, CHARACTERS)[0]


@given(LETTERS, LETTERS)
def test_the_end_is_allowed_for_words_of_the_shape_alone(word, other):
    allowed = within_shape(shape(other), word, CHARACTERS)
    lost = not can_become(kinds_of(word), shape(other))  # nothing is restricted any more
    assert allowed.all() or not lost
    assert allowed[0] == (lost or shape(word) == shape(other))


def test_the_speller_gives_other_shapes_nothing_but_the_floor():
    words = ["Bids", "sand", "sing", "1-1", "Dan", "BAD", "dig", "gains"]
    types = [(shape(word), word) for word in words]
    data = SpellerData(frozenset(types), [types], ["".join(words)])
    speller = WordSpeller(order=3, restriction=within_shape).fit(data)
    alphabet = sorted(set("".join(words)))
    for word_class in ("LC", "INITC", "NUM-DASH"):
        total = {True: 0.0, False: 0.0}
        for length in range(4):
            for letters in itertools.product(alphabet, repeat=length):
                word = "".join(letters)
                inside = bool(word) and shape(word) == word_class
                total[inside] += 2.0 ** -speller.start().bits(word_class, word)
        assert total[False] < 200 * FLOOR
        assert 0.05 < total[True] < 1.0
        distribution = Prefix(speller.start(), word_class).distribution()
        assert math.fsum(distribution) == pytest.approx(1.0, abs=1e-12)
        assert distribution.min() >= FLOOR
