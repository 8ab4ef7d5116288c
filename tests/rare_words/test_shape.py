"""Shapes: signatures worked by hand, and a speller that keeps to them without shutting a word of the shape out."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.distribution import FLOOR
from toolkit.rare_words import OTHER
from toolkit.rare_words.shape import Form, WithinShape, frequent_endings, shape
from toolkit.spelling.speller import SpellerData, WordSpeller
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers.cut import SpacyWords

CHARACTERS = (JOINER, *"aiBD1-sdgný’")
ENDINGS = ("aið", "gn", "i")
STEMS = ("talo", "katu", "kirja", "metsä", "silta", "koulu")
LETTERS = st.text(st.sampled_from(CHARACTERS[1:]), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cats", "LC-s"),
        ("as", "LC"),
        ("grass", "LC"),
        ("walked", "LC-ed"),
        ("red", "LC"),  # shorter than five characters
        ("nation", "LC-ion"),
        ("pretty", "LC-y"),
        ("charity", "LC-ity"),
        ("Arkham", "INITC"),
        ("A", "INITC"),
        ("Cats", "INITC-s"),
        ("USA", "ALLC"),
        ("iPad", "MIXC"),
        ("O'Neill", "MIXC"),
        ("1871", "NUM"),
        ("B2B", "ALLC-NUM"),
        ("well-being", "LC-DASH"),  # no suffix beside a hyphen
        ("1871-s", "LC-NUM-DASH-s"),
        ("—", "NONE"),
        ("\n\n", "NONE"),
    ],
)
def test_signatures(word, expected):
    assert shape(word) == expected


@given(LETTERS, st.sampled_from(["", JOINER]), st.sampled_from(["", JOINER]), st.sampled_from([None, ENDINGS]))
def test_no_word_is_shut_out_of_its_own_shape(word, left, right, endings):
    surface, within, word_class = left + word + right, WithinShape(endings), shape(word, endings)
    for place, character in enumerate(surface):
        allowed = within.allowed(word_class, surface[:place], CHARACTERS)
        assert allowed[1 + CHARACTERS.index(character)], (surface, place)
    assert within.allowed(word_class, surface, CHARACTERS)[0]


@given(LETTERS, LETTERS)
def test_the_end_is_allowed_for_words_of_the_shape_alone(word, other):
    allowed = WithinShape().allowed(shape(other), word, CHARACTERS)
    lost = not Form.of(word).can_become(shape(other))  # nothing is restricted any more
    assert allowed.all() or not lost
    assert allowed[0] == (lost or shape(word) == shape(other))


@given(st.lists(st.text("abcdeä", min_size=1, max_size=9), max_size=60))
def test_endings_are_few_short_and_the_same_in_any_order(words):
    endings = frequent_endings(words)
    assert endings == frequent_endings(reversed(words))
    assert len(endings) == len(set(endings)) <= 10
    assert list(map(len, endings)) == sorted(map(len, endings), reverse=True)
    assert all(1 <= len(ending) <= 3 and any(word.endswith(ending) for word in words) for ending in endings)
    for word in filter(str.isalpha, words):
        longest = next((ending for ending in endings if word.endswith(ending)), "") if len(word) >= 5 else ""
        assert shape(word, endings) == "-".join(filter(None, ["LC", longest]))


@pytest.mark.parametrize(
    ("words", "endings"),
    [
        ([stem + end for stem in STEMS for end in ("ssa", "lle", "ksi")], {"ssa", "lle", "ksi"}),
        (["cat", "house", "table"], set()),
        ([], set()),
    ],
)
def test_the_endings_that_words_share_are_found(words, endings):
    assert set(frequent_endings(words)) >= endings
    assert endings or not frequent_endings(words)


def test_the_suffixes_of_another_language_are_its_own():
    text = "talossa katolla kirjassa metsässä sillalla koulussa kylässä kaupungissa pellolla linnassa torilla "
    words = SpacyWords("shape", language="fi").fit([Document("a", text), Document("b", text + "saaressa Niityllä")])
    assert "ssa" in words.strategy.endings
    assert {shape(word, words.strategy.endings) for word in ("veneessa", "walking")} == {"LC-ssa", "LC"}
    again = SpacyWords("shape", language="fi").restore(json.loads(json.dumps(words.state())))
    assert again.strategy.endings == words.strategy.endings
    assert "endings" not in SpacyWords("shape").fit([Document("a", text)]).strategy.state()  # English: as it was


def test_other_is_not_restricted():
    assert WithinShape().allowed(OTHER, "aB1-", CHARACTERS).all()


@pytest.mark.parametrize(
    ("word_class", "begins"), [("LC", "a"), ("INITC", "B"), ("ALLC", "B"), ("MIXC", "aB"), ("NUM-DASH", "1-")]
)
def test_a_word_begins_with_what_its_shape_may_begin_with(word_class, begins):
    letters = (JOINER, *"aB1-")
    _, _, *allowed = WithinShape().allowed(word_class, "", letters)  # beside the end and the joiner
    assert "".join(one for one, may in zip(letters[1:], allowed, strict=True) if may) == begins


def test_the_speller_gives_other_shapes_nothing_but_the_floor():
    words = ["Bids", "sand", "sing", "1-1", "Dan", "BAD", "dig", "gains"]
    types = [(shape(word), word) for word in words]
    speller = WordSpeller(order=3, restriction=WithinShape()).fit(
        SpellerData(frozenset(types), [types], ["".join(words)])
    )
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
        distribution = speller.start().distribution(word_class, "")
        assert math.fsum(distribution) == pytest.approx(1.0, abs=1e-12)
        assert distribution.min() >= FLOOR


def test_a_class_so_costs_less_than_without_its_restriction(split):
    tokenizer = SpacyWords("shape").fit(split.train, split.valid)
    free = WordSpeller.from_dict(tokenizer.speller.to_dict())
    spelled = [
        (tokenizer.vocabulary.spelled[int(encoding.ids[i])], surface)
        for encoding in map(tokenizer.encode, split.test)
        for i, surface in encoding.surfaces.items()
    ]
    known = [pair for pair in spelled if pair[0] != OTHER]
    assert known
    with_it = np.array([tokenizer.speller.start().bits(*pair) for pair in known])
    without = np.array([free.start().bits(*pair) for pair in known])
    assert with_it.sum() < without.sum()
