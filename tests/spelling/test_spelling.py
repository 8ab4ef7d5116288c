"""The speller is a distribution, its events code every surface, and it learns only where it should."""

import itertools
import json
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.distribution import FLOOR, Distribution, Floats, Uniform, with_floor
from toolkit.events.distribution import bits as event_bits
from toolkit.spelling.fitting import ORDERS, SpellerData, fitted_on_valid, total_bits
from toolkit.spelling.ngram import BEGIN, ESCAPE, NGRAM_DISCOUNT, NGRAM_STRENGTH, NGram
from toolkit.spelling.speller import CHOICES, Spelled, WordSpeller, escape_counts
from toolkit.spelling.word_spelling import CACHE_DISCOUNT, END, LONGEST_REMEMBERED, Memory, WordSpelling
from toolkit.text.words import JOINER

TALES = (
    "the old lamp hung over the stair and the keeper's boat lay under the quay",
    "a stair of wet stone ran down to the boat-house, where the oldest keeper slept",
    "no lamp, no light: the stone quay was bare and the sleeper's tide-mark high",
)


def words_of(text: str) -> list[Spelled]:
    """The words of a text, in two classes by length, marks included."""
    spelled = [("long" if len(word) > 4 else "short", word) for word in text.replace(",", " ,").split()]
    return [(word_class, JOINER + word if word == "," else word) for word_class, word in spelled]


def fitted(**settings: float | None) -> WordSpeller:
    documents = [words_of(tale) for tale in TALES]
    every = [word for document in documents for word in document]
    rare = [[word for word in document if every.count(word) == 1] for document in documents]
    return WordSpeller(**settings).fit(every, rare, TALES)  # type: ignore[arg-type]


SPELLER = fitted(order=4, concentration=3.0)
SHARED = fitted(order=4, concentration=3.0, shared_concentration=5.0)
CLASSES = st.sampled_from(["long", "short", "a class without words"])
SURFACES = st.text(st.sampled_from([*"aelpst'-", JOINER, "é", "😀", "Ж"]), max_size=6)


def check_sums_to_one(distribution: Floats) -> None:
    """What every distribution of a speller must be."""
    assert math.fsum(distribution) == pytest.approx(1.0, abs=1e-12)
    assert distribution.min() >= FLOOR * (1 - 1e-9)


def spelling_after(observed: list[Spelled], speller: WordSpeller = SPELLER) -> WordSpelling:
    spelling = speller.start()
    for word in observed:
        spelling.observe(*word)
    return spelling


def without_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lift no probability: the laws of the mixture are exact without."""
    monkeypatch.setattr("toolkit.spelling.word_spelling.with_floor", lambda probabilities: probabilities)
    monkeypatch.setattr("toolkit.spelling.word_spelling.floored", lambda probability, _: probability)


def recited(outcomes: list[int]) -> Callable[[Distribution], int]:
    """A ``pick`` that gives these outcomes."""
    rest = iter(outcomes)
    return lambda _: next(rest)


@given(CLASSES, SURFACES, st.lists(st.tuples(CLASSES, SURFACES), max_size=5))
def test_distribution_sums_to_one_in_every_context(word_class: str, prefix: str, observed: list[Spelled]) -> None:
    check_sums_to_one(spelling_after(observed).distribution(word_class, prefix))
    for length in range(len(prefix)):  # in what is cached too
        check_sums_to_one(spelling_after([*observed, (word_class, prefix)]).distribution(word_class, prefix[:length]))


def test_a_speller_that_sums_to_more_is_caught() -> None:
    with pytest.raises(AssertionError):
        check_sums_to_one(SPELLER.start().distribution("long", "") * 1.01)


@given(CLASSES, SURFACES, st.lists(st.tuples(CLASSES, SURFACES), max_size=5))
def test_read_gives_back_what_events_spell(word_class: str, surface: str, observed: list[Spelled]) -> None:
    spelling = spelling_after([*observed, (word_class, surface)] if len(observed) % 2 else observed)
    events = list(spelling.events(word_class, surface))
    offered: list[Distribution] = []
    outcomes = iter(outcome for _, outcome in events)

    def pick(distribution: Distribution) -> int:
        offered.append(distribution)
        return next(outcomes)

    assert spelling.read(word_class, pick) == surface
    for (coded, _), decoded in zip(events, offered, strict=True):
        assert np.all(coded == decoded)
    assert spelling.bits(word_class, surface) == sum(event_bits(*event) for event in events)


@given(CLASSES, SURFACES)
def test_events_are_the_distributions_of_the_prefixes(word_class: str, surface: str) -> None:
    spelling = spelling_after([(word_class, surface), (word_class, "leap")])
    stepped = [(d, o) for d, o in spelling.events(word_class, surface) if not isinstance(d, Uniform)]
    assert len(stepped) == len(surface) + 1
    for length, (distribution, _) in enumerate(stepped):
        assert np.array_equal(distribution, spelling.distribution(word_class, surface[:length]))


def test_an_unseen_character_is_an_escape_and_a_uniform_event() -> None:
    (first, escape), (uniform, number), (last, end) = SPELLER.start().events("long", "😀")
    assert (escape, end) == (ESCAPE, END)
    assert isinstance(first, np.ndarray)
    assert isinstance(last, np.ndarray)
    assert uniform == Uniform(0x110000 - 0x800 - len(set("".join(TALES))))
    assert SPELLER.start().read("long", recited([ESCAPE, number, END])) == "😀"


# Worked by hand. Types: ("N", "ab"), ("N", "a"), ("V", "b"); order 2, so a context is one symbol; symbols END, ESCAPE,
# JOINER, a, b: the uniform base is 1/4 (no escape). D and α are the module's. P(b | N, "a"):
#   all classes, "":   class N continues "" with a (after BEGIN), END (after a and b), b (after a); class V with b, END.
#                      Classes that have it: a 1, b 2, END 2; n = 5, t = 3:  q0 = (2 − D + (α + 3D)/4) / (5 + α)
#   N, "":             different symbols before: a 1, b 1, END 2; n = 4, t = 3: q1 = (1 − D + (α + 3D)·q0) / (4 + α)
#   all classes, "a":  N only: b 1, END 1; n = 2, t = 2:                        q2 = (1 − D + (α + 2D)·q1) / (2 + α)
#   N, "a":            types: b 1, END 1; n = 2, t = 2:                         q3 = (1 − D + (α + 2D)·q2) / (2 + α)
def test_kneser_ney_worked_by_hand() -> None:
    ngram = NGram(2, 5, 0.25).fit([("N", "ab", [3, 4, END]), ("N", "a", [3, END]), ("V", "b", [4, END])])
    D, a = NGRAM_DISCOUNT, NGRAM_STRENGTH
    q0 = (2 - D + (a + 3 * D) / 4) / (5 + a)
    q1 = (1 - D + (a + 3 * D) * q0) / (4 + a)
    q2 = (1 - D + (a + 2 * D) * q1) / (2 + a)
    q3 = (1 - D + (a + 2 * D) * q2) / (2 + a)
    expected = with_floor(np.array([0.0, 0.25, 0.0, 0.0, 0.75 * q3]))
    assert ngram.distribution("N", "a")[[1, 4]] == pytest.approx(expected[[1, 4]], rel=1e-12)


def test_an_ngram_of_a_class_without_words_is_that_of_all_classes() -> None:
    ngram = NGram(3, 5, 0.1).fit([("N", "ab", [3, 4, END]), ("V", "b", [4, END])])
    assert np.array_equal(ngram.distribution("A", "a"), ngram.distribution("B", "a"))
    assert ngram.distribution("A", "a")[4] > ngram.distribution("A", "a")[3]


# Three surfaces of the class were spelled, two of them different, n = 3 and T = 2:
# P(surface) = [(n_surface − d)⁺ + (θ + d·T)·(λ·P_lexicon + (1 − λ)·P_ngram)] / (n + θ).
@pytest.mark.parametrize("surface", ["stair", "boat-house", "stairs", "hung", "xx", "é", "a", "", "é😀"])
def test_symbol_by_symbol_it_is_the_mixture_of_whole_surfaces(surface: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without_floor(monkeypatch)
    speller = fitted(order=4, concentration=3.0)
    spelling = spelling_after([("long", "stair"), ("long", "stair"), ("short", "hung"), ("long", "é")], speller)
    uniform = sum(event_bits(d, o) for d, o in spelling.events("long", surface) if isinstance(d, Uniform))
    symbols, plain = speller.spell(surface), speller.plain(surface)
    steps = [speller.ngram.distribution("long", plain[:place])[symbol] for place, symbol in enumerate(symbols)]
    lexicon = {word: count for (word_class, word), count in speller.lexicon.items() if word_class == "long"}
    base = 0.15 * lexicon.get(surface, 0) / sum(lexicon.values()) + 0.85 * math.prod(steps)
    times = {"stair": 2, "é": 1}.get(surface, 0)
    direct = (max(times - CACHE_DISCOUNT, 0) + (3 + 2 * CACHE_DISCOUNT) * base) / (3 + 3)
    assert spelling.bits("long", surface) - uniform == pytest.approx(-math.log2(direct), abs=1e-9)


def test_all_surfaces_of_a_small_alphabet_have_probability_one() -> None:
    speller = WordSpeller(3, concentration=1.0).fit(
        [("X", "ab"), ("X", "ba"), ("X", "b")], [[("X", "ba")], []], ["ab", "ab"]
    )
    spelling = spelling_after([("X", "bb")], speller)
    totals, total = [], 0.0
    for length in range(7):
        for characters in itertools.product((JOINER, "a", "b", "é"), repeat=length):
            surface = "".join(characters)
            uniform = sum(event_bits(d, o) for d, o in spelling.events("X", surface) if isinstance(d, Uniform))
            total += 2 ** (uniform - spelling.bits("X", surface))  # "é" stands for all unseen characters
        totals.append(total)
    assert totals == sorted(totals)
    assert 0.9 < totals[-1] <= 1 + 1e-9


def test_a_cached_word_is_cheaper_in_its_class_and_document_only() -> None:
    spelling = SPELLER.start()
    before = spelling.bits("long", "Zxqj")
    spelling.observe("long", "Zxqj")
    once = spelling.bits("long", "Zxqj")
    spelling.observe("long", "Zxqj")
    assert before > once + 2 > spelling.bits("long", "Zxqj") + 2
    assert SPELLER.start().bits("long", "Zxqj") == before
    assert spelling.bits("short", "Zxqj") == SPELLER.start().bits("short", "Zxqj")


@given(CLASSES, SURFACES, st.lists(st.tuples(CLASSES, SURFACES), max_size=5))
def test_with_a_shared_cache_it_sums_to_one_too(word_class: str, prefix: str, observed: list[Spelled]) -> None:
    spelling = spelling_after([*observed, ("short", prefix)], SHARED)
    for length in range(len(prefix) + 1):
        check_sums_to_one(spelling.distribution(word_class, prefix[:length]))


# The class "long" has spelled n = 3 surfaces, T = 2 different; new to their class were m = 3, S = 3 of them different:
# P = [(n_surface − d)⁺ + (θ + d·T)·P₁] / (n + θ), P₁ = [(m_surface − d)⁺ + (η + d·S)·P₀] / (m + η).
@pytest.mark.parametrize("surface", ["stair", "hung", "boat-house", "slate"])
def test_the_shared_cache_is_the_second_level(surface: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without_floor(monkeypatch)
    speller = fitted(order=4, concentration=3.0, shared_concentration=5.0)
    spelling = spelling_after([("long", "stair"), ("long", "stair"), ("short", "hung"), ("long", "bare")], speller)
    steps = [speller.ngram.distribution("long", surface[:i])[s] for i, s in enumerate(speller.spell(surface))]
    lexicon = {word: count for (word_class, word), count in speller.lexicon.items() if word_class == "long"}
    base = 0.15 * lexicon.get(surface, 0) / sum(lexicon.values()) + 0.85 * math.prod(steps)
    new = {"stair": 1, "hung": 1}.get(surface, 0)
    shared = (max(new - CACHE_DISCOUNT, 0) + (5 + 3 * CACHE_DISCOUNT) * base) / (3 + 5)
    direct = (max(2 * (surface == "stair") - CACHE_DISCOUNT, 0) + (3 + 2 * CACHE_DISCOUNT) * shared) / (3 + 3)
    assert spelling.bits("long", surface) == pytest.approx(-math.log2(direct), abs=1e-9)


def test_a_surface_of_over_100_characters_is_not_remembered() -> None:
    """A cache keeps every prefix of what it remembers, so nothing longer may enter it."""
    for length, remembered in ((100, True), (101, False)):
        surface = "st" * 50 + "a" * (length - 100)
        bits = spelling_after([("long", surface)]).bits("long", surface)
        assert (bits < SPELLER.start().bits("long", surface) - 2) == remembered


def test_longer_prefixes_than_what_is_remembered_are_not_looked_up() -> None:
    """A word of 100,000 characters has as many prefixes, and to hash them all would take a time of its square."""

    class Counting(str):
        hashed = 0

        def __hash__(self) -> int:
            Counting.hashed += 1
            return super().__hash__()

    memory = Memory()
    memory.add("X", "ab", [2, 3, END], 1.0)
    assert memory.after("X", Counting("a")) == {3: 1.0}
    assert Counting.hashed == 1
    assert memory.after("X", Counting("a" * (LONGEST_REMEMBERED + 1))) == {}
    assert Counting.hashed == 1


def test_a_word_of_another_class_is_cheaper_with_a_shared_cache_only() -> None:
    for speller, cheaper in ((SHARED, True), (SPELLER, False)):
        after = spelling_after([("long", "Zxqj")], speller).bits("short", "Zxqj")
        assert (after < speller.start().bits("short", "Zxqj") - 2) == cheaper


@given(CLASSES, SURFACES, st.lists(st.sampled_from([*words_of(TALES[0]), ("long", "Жa"), ("short", "ab")]), max_size=5))
def test_bits_are_the_sum_over_the_events_to_the_last_digit(
    word_class: str, surface: str, observed: list[Spelled]
) -> None:
    for speller in (SPELLER, SHARED, SPELLER.tuned(concentration=None), SPELLER.tuned(lexicon_share=0.0)):
        spelling = spelling_after(observed, speller)
        assert spelling.bits(word_class, surface) == sum(event_bits(*e) for e in spelling.events(word_class, surface))


def test_bits_do_not_observe() -> None:
    spelling = SPELLER.start()
    assert spelling.bits("long", "stairs") == spelling.bits("long", "stairs")


def test_a_long_surface_is_spelled() -> None:
    spelling = spelling_after([("long", "-" * 3000)])  # the n-gram's likelihood of it underflows
    for surface in ("-" * 3000, "-" * 3001, "-" * 2000 + "a"):
        events = list(spelling.events("long", surface))
        assert spelling.read("long", recited([outcome for _, outcome in events])) == surface
        assert math.isfinite(spelling.bits("long", surface))


def test_saved_and_loaded_it_is_the_same() -> None:
    loaded = WordSpeller.from_dict(json.loads(json.dumps(SPELLER.to_dict())))
    assert loaded.to_dict() == SPELLER.to_dict()
    observed = [("long", "stair"), ("short", "é")]
    for word_class, prefix in [("long", ""), ("long", "sta"), ("short", "é"), ("none", JOINER), ("short", JOINER)]:
        saved, again = (spelling_after(observed, s).distribution(word_class, prefix) for s in (SPELLER, loaded))
        assert np.array_equal(saved, again)


def test_the_order_of_training_words_does_not_matter() -> None:
    documents = [words_of(tale) for tale in TALES]
    words = [word for document in documents for word in document]
    backwards = [document[::-1] for document in documents[::-1]]
    one = WordSpeller().fit(words, documents, TALES)
    other = WordSpeller().fit(words[::-1] + words, backwards, TALES[::-1])
    assert one.to_dict() == other.to_dict()
    assert one.start().bits("long", "keepers") == other.start().bits("long", "keepers")


def test_drawn_surfaces_end() -> None:
    rng = random.Random(3)

    def draw(distribution: Distribution) -> int:
        if isinstance(distribution, Uniform):
            return rng.randrange(distribution.outcomes)
        return rng.choices(range(distribution.size), distribution.tolist())[0]

    drawn = [SPELLER.start().read("long", draw) for _ in range(300)]
    assert 3 < np.mean([len(surface) for surface in drawn]) < 12
    assert not any(BEGIN in surface for surface in drawn)


def test_escape_counts_leave_out_documents() -> None:
    # "é" twice and "ß" once are in one document's text only; "x" is unspelled in the other but there: no surprise.
    spelled = [[("X", "éé"), ("X", "xß")], [("X", JOINER + "a")]]
    assert escape_counts(spelled, ["ééxßa", "ax"]) == (3, 9)


def test_escape_counts_of_a_lone_document_leave_out_words() -> None:
    assert escape_counts([[("X", "éé"), ("X", "xa"), ("X", "a")]], ["ééxa"]) == (3, 8)


def test_the_escape_stays_small_where_training_spells_nothing() -> None:
    words = [word for tale in TALES for word in words_of(tale)]
    speller = WordSpeller().fit(words, [[], [], []], TALES)
    assert speller.escapes == escape_counts([sorted(set(words))], TALES)
    assert speller.start().distribution("long", "")[ESCAPE] < 0.05


def test_a_training_word_of_other_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="'é', which is not among the characters"):
        WordSpeller().fit([("X", "é")], [[]], ["abc"])


def test_the_choice_turns_the_cache_off_where_it_does_not_win() -> None:
    documents = [words_of(tale) for tale in TALES]
    words = [word for document in documents for word in document]
    stems = ["st", "ke", "lam", "sle", "qua", "ol", "hun", "bo", "ti", "li"]
    different = [[("long", stem + end) for stem in stems for end in ("er", "ing", "air", "old")]]
    repeated = [[("long", "zaxo"), ("long", "Zub")] * 4]
    off = fitted_on_valid(SpellerData(frozenset(words), documents, TALES, different))
    on = fitted_on_valid(SpellerData(frozenset(words), documents, TALES, repeated))
    assert off.concentration is None
    assert on.concentration is not None
    assert total_bits(off, different) <= total_bits(fitted(order=off.order), different)


@pytest.mark.parametrize(
    "valid",
    [
        [[("long", "zaxo"), ("long", "Zub")] * 4],
        [[("long", stem + "er") for stem in ("keep", "sleep", "boat", "lamp")]],
        [[("long", "the"), ("short", "old")], [("long", "sleeper"), ("long", "the")]],
    ],
    ids=["new letters", "known ends", "known words"],
)
def test_each_setting_is_the_best_of_its_choices_when_its_turn_comes(valid: list[list[Spelled]]) -> None:
    documents = [words_of(tale) for tale in TALES]
    types = frozenset(word for document in documents for word in document)

    def best(spellers: dict[float | None, WordSpeller]) -> WordSpeller:
        costs = {choice: total_bits(speller, valid) for choice, speller in spellers.items()}
        return spellers[min(costs, key=lambda choice: costs[choice])]

    orders = {order: WordSpeller(order).fit(types, documents, TALES) for order in (4, 5, 6, 7)}
    expected = best(dict(orders))
    for name, choices in CHOICES.items():
        expected = best({choice: expected.tuned(**{name: choice}) for choice in choices})
    assert fitted_on_valid(SpellerData(types, documents, TALES, valid)).to_dict() == expected.to_dict()
    assert tuple(orders) == ORDERS


@pytest.mark.parametrize("valid", [[], [[]]])
def test_where_nothing_is_spelled_in_valid_the_defaults_stand(valid: list[list[Spelled]]) -> None:
    documents = [words_of(tale) for tale in TALES]
    words = [word for document in documents for word in document]
    chosen = fitted_on_valid(SpellerData(frozenset(words), documents, TALES, valid))
    assert chosen.to_dict() == WordSpeller().fit(words, documents, TALES).to_dict()
