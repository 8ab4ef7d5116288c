"""The speller is a distribution, its events code every surface, and it learns only where it should."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.distribution import FLOOR, Uniform, with_floor
from toolkit.events.distribution import bits as event_bits
from toolkit.spelling.base import DISCOUNT, END, ESCAPE, STRENGTH, NGram
from toolkit.spelling.speller import (
    CACHE_DISCOUNT,
    CHOICES,
    Prefix,
    SpellerData,
    WordSpeller,
    escape_counts,
    fitted_on_valid,
)
from toolkit.text.words import JOINER

TALES = (
    "the old lamp hung over the stair and the keeper's boat lay under the quay",
    "a stair of wet stone ran down to the boat-house, where the oldest keeper slept",
    "no lamp, no light: the stone quay was bare and the sleeper's tide-mark high",
)


def words_of(text):
    """The words of a text, in two classes by length, marks included."""
    spelled = [("long" if len(word) > 4 else "short", word) for word in text.replace(",", " ,").split()]
    return [(word_class, JOINER + word if word == "," else word) for word_class, word in spelled]


DOCUMENTS = [words_of(tale) for tale in TALES]
TYPES = frozenset(word for document in DOCUMENTS for word in document)


def data(valid=(), spelled=DOCUMENTS):
    return SpellerData(TYPES, spelled, TALES, valid)


def fitted(**settings):
    every = [word for document in DOCUMENTS for word in document]
    rare = [[word for word in document if every.count(word) == 1] for document in DOCUMENTS]
    return WordSpeller(**settings).fit(data(spelled=rare))


SPELLER = fitted(order=4, concentration=3.0)
SHARED = fitted(order=4, concentration=3.0, shared_concentration=5.0)
SPELLERS = (SPELLER, SHARED, SPELLER.tuned(concentration=None), SPELLER.tuned(lexicon_share=0.0))
ROUNDED_UP_BITS = 0.01  # that the floor of the coder takes from a short word, at most
CLASSES = st.sampled_from(["long", "short", "a class without words"])
SURFACES = st.text(st.sampled_from([*"aelpst'-", JOINER, "é", "😀", "Ж"]), max_size=6)
OBSERVED = st.lists(st.tuples(CLASSES, SURFACES), max_size=5)


def spelling_after(observed, speller=SPELLER):
    spelling = speller.start()
    for word in observed:
        spelling.observe(*word)
    return spelling


def after(spelling, word_class, prefix):
    """The distribution of the symbol after a prefix."""
    begun = Prefix(spelling, word_class)
    for character in prefix:
        begun.feed(character)
    return begun.distribution()


def recited(outcomes):
    """A ``pick`` that gives these outcomes."""
    remaining = iter(outcomes)
    return lambda _: next(remaining)


@pytest.mark.parametrize("speller", SPELLERS)
@given(word_class=CLASSES, surface=SURFACES, observed=OBSERVED, again=st.booleans())
def test_a_surface_is_coded_by_distributions_that_sum_to_one(speller, word_class, surface, observed, again):
    spelling = spelling_after([*observed, (word_class, surface)] if again else observed, speller)
    events = list(spelling.events(word_class, surface))
    stepped = [distribution for distribution, _ in events if not isinstance(distribution, Uniform)]
    assert len(stepped) == len(surface) + 1
    for place, distribution in enumerate(stepped):
        assert math.fsum(distribution) == pytest.approx(1.0, abs=1e-12)
        assert distribution.min() >= FLOOR * (1 - 1e-9)
        assert np.array_equal(distribution, after(spelling, word_class, surface[:place]))
    offered, outcome = [], recited([outcome for _, outcome in events])
    assert spelling.read(word_class, lambda coded: offered.append(coded) or outcome(coded)) == surface
    assert all(np.all(coded == decoded) for (coded, _), decoded in zip(events, offered, strict=True))
    paid = spelling.bits(word_class, surface)
    assert (
        paid == pytest.approx(sum(event_bits(*event) for event in events)) == spelling.bits(word_class, surface)
    )


def test_an_unseen_character_is_an_escape_and_a_uniform_event():
    (_, escape), (uniform, number), (_, end) = SPELLER.start().events("long", "😀")
    assert (escape, end) == (ESCAPE, END)
    assert uniform == Uniform(0x110000 - 0x800 - len(set("".join(TALES))))
    assert SPELLER.start().read("long", recited([ESCAPE, number, END])) == "😀"


# Worked by hand. Types: ("N", "ab"), ("N", "a"), ("V", "b"); order 2, so a context is one symbol; symbols END, ESCAPE,
# JOINER, a, b: the uniform base is 1/4 (no escape). D and α are the module's. P(b | N, "a"):
#   all classes, "":   class N continues "" with a (after BEGIN), END (after a and b), b (after a); class V with b, END.
#                      Classes that have it: a 1, b 2, END 2; n = 5, t = 3:  q0 = (2 − D + (α + 3D)/4) / (5 + α)
#   N, "":             different symbols before: a 1, b 1, END 2; n = 4, t = 3: q1 = (1 − D + (α + 3D)·q0) / (4 + α)
#   all classes, "a":  N only: b 1, END 1; n = 2, t = 2:                        q2 = (1 − D + (α + 2D)·q1) / (2 + α)
#   N, "a":            types: b 1, END 1; n = 2, t = 2:                         q3 = (1 − D + (α + 2D)·q2) / (2 + α)
def test_kneser_ney_worked_by_hand():
    ngram = NGram(2, 5, 0.25).fit([("N", "ab", [3, 4, END]), ("N", "a", [3, END]), ("V", "b", [4, END])])
    D, a = DISCOUNT, STRENGTH
    q0 = (2 - D + (a + 3 * D) / 4) / (5 + a)
    q1 = (1 - D + (a + 3 * D) * q0) / (4 + a)
    q2 = (1 - D + (a + 2 * D) * q1) / (2 + a)
    q3 = (1 - D + (a + 2 * D) * q2) / (2 + a)
    expected = with_floor(np.array([0.0, 0.25, 0.0, 0.0, 0.75 * q3]), 5)
    assert ngram.distribution("N", "a")[[1, 4]] == pytest.approx(expected[[1, 4]], rel=1e-12)


# The class "long" has spelled "stair" twice and "é" once: n = 3 surfaces, T = 2 different. New to their class were
# m = 3: "stair", "hung" and "é", S = 3 of them different. P₀ = λ·P_lexicon + (1 − λ)·P_ngram:
# P = [(n_surface − d)⁺ + (θ + d·T)·P₁] / (n + θ), P₁ = [(m_surface − d)⁺ + (η + d·S)·P₀] / (m + η), or P₀ without η.
@pytest.mark.parametrize("shared", [None, 5.0])
def test_symbol_by_symbol_it_is_the_mixture_of_whole_surfaces(shared):
    speller = fitted(order=4, concentration=3.0, shared_concentration=shared)
    spelling = spelling_after([("long", "stair"), ("long", "stair"), ("short", "hung"), ("long", "é")], speller)
    lexicon = {word: count for (word_class, word), count in speller.lexicon.items() if word_class == "long"}
    for surface in ("stair", "boat-house", "stairs", "hung", "xx", "é", "a", "", "é😀"):
        uniform = sum(event_bits(d, o) for d, o in spelling.events("long", surface) if isinstance(d, Uniform))
        symbols, plain = speller.spell(surface), speller.plain(surface)
        steps = [
            speller.ngram.distribution("long", plain[:place])[symbol] for place, symbol in enumerate(symbols)
        ]
        below = 0.15 * lexicon.get(surface, 0) / sum(lexicon.values()) + 0.85 * math.prod(steps)
        if shared:
            new = surface in ("stair", "hung", "é")
            below = (max(new - CACHE_DISCOUNT, 0) + (5 + 3 * CACHE_DISCOUNT) * below) / (3 + 5)
        times = {"stair": 2, "é": 1}.get(surface, 0)
        direct = (max(times - CACHE_DISCOUNT, 0) + (3 + 2 * CACHE_DISCOUNT) * below) / (3 + 3)
        paid = spelling.bits("long", surface) - uniform
        assert paid == pytest.approx(-math.log2(direct), abs=ROUNDED_UP_BITS)


def test_all_surfaces_of_a_small_alphabet_have_probability_one():
    types = frozenset([("X", "ab"), ("X", "ba"), ("X", "b")])
    speller = WordSpeller(3, concentration=1.0).fit(SpellerData(types, [[("X", "ba")], []], ["ab", "ab"]))
    spelling, total = spelling_after([("X", "bb")], speller), 0.0
    for length in range(7):
        for surface in map("".join, itertools.product((JOINER, "a", "b", "é"), repeat=length)):
            uniform = sum(event_bits(d, o) for d, o in spelling.events("X", surface) if isinstance(d, Uniform))
            total += 2 ** (uniform - spelling.bits("X", surface))  # "é" stands for all unseen characters
    assert 0.9 < total <= 1 + 1e-9


def test_a_long_surface_is_spelled_but_not_remembered():
    spelling = spelling_after([("long", "-" * 3000)])  # the n-gram's likelihood of it underflows
    for surface in ("-" * 3000, "-" * 3001, "-" * 2000 + "a"):
        outcomes = [outcome for _, outcome in spelling.events("long", surface)]
        assert spelling.read("long", recited(outcomes)) == surface
        assert math.isfinite(spelling.bits("long", surface))
    for length in (100, 101):
        surface = "st" * 50 + "a" * (length - 100)
        bits = spelling_after([("long", surface)]).bits("long", surface)
        assert (bits < SPELLER.start().bits("long", surface) - 2) == (length <= 100)


def test_the_order_of_training_words_does_not_matter():
    one = WordSpeller().fit(data())
    backwards = [document[::-1] for document in DOCUMENTS[::-1]]
    other = WordSpeller().fit(SpellerData(TYPES, backwards, TALES[::-1]))
    assert one.to_dict() == other.to_dict()
    assert one.start().bits("long", "keepers") == other.start().bits("long", "keepers")


def test_escapes_by_hand():
    # "é" twice and "ß" once are in one document's text only; "x" is unspelled in the other but there: no surprise.
    two = [[("X", "éé"), ("X", "xß")], [("X", JOINER + "a")]]
    assert escape_counts(two, ["ééxßa", "ax"]) == (3, 9)
    # A lone document's words are left out in turn.
    assert escape_counts([[("X", "éé"), ("X", "xa"), ("X", "a")]], ["ééxa"]) == (3, 8)


STEMS = ("st", "ke", "lam", "sle", "qua", "ol", "hun", "bo", "ti", "li")
DIFFERENT = [[("long", stem + end) for stem in STEMS for end in ("er", "ing", "air", "old")]]
REPEATED = [[("long", "zaxo"), ("long", "Zub")] * 4]


MIXED = [[("long", "the"), ("short", "old")], [("long", "sleeper")]]


@pytest.mark.parametrize("valid", [REPEATED, DIFFERENT, MIXED])
def test_each_setting_is_the_best_of_its_choices_when_its_turn_comes(valid):
    def cost(speller):
        total = 0.0
        for document in valid:
            spelling = speller.start()
            for word in document:
                total += sum(event_bits(*event) for event in spelling.events(*word))
                spelling.observe(*word)
        return total

    expected = min((WordSpeller(order).fit(data()) for order in (4, 5, 6, 7)), key=cost)
    for name, choices in CHOICES.items():
        expected = min((expected.tuned(**{name: choice}) for choice in choices), key=cost)
    assert fitted_on_valid(data(valid)).to_dict() == expected.to_dict()
