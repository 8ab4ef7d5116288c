"""The speller: P(surface | class), the model that spells rare and unseen words.

A surface is the text of a token with its marks (``JOINER``). It is spelled symbol by symbol until ``END``. A character
that is not in the training text is an ``ESCAPE``, followed by a uniform event over the unseen characters.

Four models of a whole surface are mixed as in a hierarchical Pitman–Yor process: a cache of the document's words of the
same class, a cache of its words of all classes, a lexicon of the words spelled in training, and an n-gram:

    P(surface)  = [(n_surface − d)⁺ + (θ + d·T)·P₁(surface)] / (n + θ)
    P₁(surface) = [(m_surface − d)⁺ + (η + d·S)·P₀(surface)] / (m + η),   P₀ = λ·P_lexicon + (1 − λ)·P_ngram

Here n surfaces of the class are spelled in the document, and T of them are distinct. Of m surfaces that were new to
their class, S are distinct.

The n-gram spells no word of training that is written as a token: its other words share the probability of these.

The n-gram's distribution of a next symbol, and then the mixture's, are lifted to the coder's floor (``with_floor``).

Goldwater, Griffiths & Johnson 2011 (a Pitman–Yor process over a model of characters); Teh 2006 (its hierarchy);
Kawakami et al. 2017 (a cache of spelled words).
"""

import copy
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, starmap
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Distribution, Floats, bits, surprise_share, with_floor
from toolkit.spelling.base import (
    END,
    ESCAPE,
    FIRST_CHARACTER,
    MEMO_FLOATS,
    NGram,
    UniformSpeller,
    UnseenCharacters,
)
from toolkit.text.words import JOINER

UNSEEN = "\ud802"  # stands for any unseen character in contexts and memories

MAX_REMEMBERED_CHARACTERS = 100  # a memory keeps every prefix of its surfaces
CACHE_DISCOUNT = 0.5  # d: the best of 0, 0.3, 0.5, 0.7, 0.9 in bits of the tales' validation words

ORDERS = (4, 5, 6, 7)
CHOICES: Mapping[str, Sequence[float | None]] = {  # chosen in turn; None means without that cache
    "lexicon_share": (0.0, 0.05, 0.15),
    "concentration": (None, 10.0, 30.0, 100.0, 300.0),
    "shared_concentration": (None, 3.0, 10.0, 30.0, 100.0),
}

Spelled = tuple[str, str]  # a class and a surface
Memory = dict[str, dict[int, float]]  # the weight of remembered surfaces by prefix and next symbol
# From a class, a prefix and the characters to which of the end and the characters (1 + len(characters),) may follow
Restriction = Callable[[str, str, Sequence[str]], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class SpellerData:
    """The words that a speller is fitted on, and those on which its settings are chosen."""

    types: frozenset[Spelled]  # all words of the training text, each with the class that it would have
    spelled: Sequence[Sequence[Spelled]]  # by training document, the words that it spells
    characters: Sequence[Iterable[str]]  # by training document, the characters of its text
    valid: Sequence[Sequence[Spelled]] = ()  # by validation document, the words that it spells
    left_out: Sequence[Sequence[Spelled]] | None = None  # as ``spelled``, had training not had the document


def remember(memory: Memory, surface: str, symbols: Sequence[int], weight: float) -> None:
    """Add ``weight`` to a surface, whose symbols end with ``END``."""
    for place, symbol in enumerate(symbols):
        after = memory.setdefault(surface[:place], {})
        after[symbol] = after.get(symbol, 0.0) + weight


def total(memory: Memory) -> float:
    """Return the weight of all surfaces."""
    return math.fsum(memory.get("", {}).values())


@dataclass(eq=False)
class WordSpeller:
    """P(surface | class), fitted on training documents. ``start`` begins a document.

    A class that is not in training is spelled by the n-gram of all classes.
    """

    order: int = 6  # of the n-gram
    lexicon_share: float = 0.15  # λ
    concentration: float | None = 100.0  # θ; None: no cache of the document
    shared_concentration: float | None = None  # η; None: no cache that all classes share, so P₁ is P₀
    restriction: Restriction | None = None  # the n-gram spells only what it allows, apart from the floor

    def fit(self, data: SpellerData) -> Self:
        """Learn from training documents only."""
        lexicon = Counter(chain.from_iterable(data.spelled))
        left_out = data.spelled if data.left_out is None else data.left_out
        # Unseen words are spelled even if training spells nothing: then the escape has its share among the types.
        escapes = escape_counts(left_out if any(left_out) else [data.types], data.characters)
        return self._learn(set(data.types), lexicon, set().union(*data.characters), escapes)

    def _learn(
        self, types: set[Spelled], lexicon: Mapping[Spelled, int], characters: set[str], escapes: tuple[int, int]
    ) -> Self:
        """Build the tables from the values in ``to_dict``."""
        self.types, self.lexicon, self.escapes = types, lexicon, escapes
        self.characters = (JOINER, *sorted(characters - {JOINER}))  # symbols from FIRST_CHARACTER on
        self.symbols = FIRST_CHARACTER + len(self.characters)
        self.unseen = UniformSpeller(UnseenCharacters(self.characters))
        self.index = {character: symbol for symbol, character in enumerate(self.characters, FIRST_CHARACTER)}
        words = [(word_class, surface, self.spell(surface)) for word_class, surface in sorted(types)]
        self.ngram = NGram(self.order, self.symbols, surprise_share(*escapes)).fit(words)
        memo = lru_cache(MEMO_FLOATS // self.symbols)
        self._allowed, self.ngram_distribution = memo(self._new_allowed), memo(self._new_distribution)
        self._kept_shares = lru_cache(None)(self._new_kept_shares)
        self.memories: defaultdict[str, Memory] = defaultdict(dict)  # of the lexicon, by class
        self.kept: defaultdict[str, Memory] = defaultdict(dict)  # of the words that are tokens, by class
        for memories, counts in (
            (self.memories, lexicon),
            (self.kept, dict.fromkeys(types - lexicon.keys(), 1)),
        ):
            for (word_class, surface), count in sorted(counts.items()):
                if len(surface) <= MAX_REMEMBERED_CHARACTERS:
                    remember(memories[word_class], surface, self.spell(surface), count)
        return self

    def spell(self, surface: str) -> list[int]:
        """Return the surface's symbols, with one ``ESCAPE`` for each unseen character and ``END`` at the end."""
        return [*(self.index.get(character, ESCAPE) for character in surface), END]

    def plain(self, text: str) -> str:
        """Return the text with ``UNSEEN`` in place of each unseen character."""
        return "".join(character if character in self.index else UNSEEN for character in text)

    def _new_distribution(self, word_class: str, prefix: str) -> Floats:
        """Return the n-gram's P(symbol | class, prefix) (symbols,) of a word that is no token. Read-only."""
        probabilities = self._allowed(word_class, prefix)
        if not (shares := self._kept_shares(word_class, prefix)):
            return probabilities
        probabilities = probabilities.copy()
        for symbol, share in shares.items():
            probabilities[symbol] *= 1 - share
        return with_floor(probabilities / math.fsum(probabilities.tolist()), self.symbols)

    def _new_kept_shares(self, word_class: str, prefix: str) -> dict[int, float]:
        """Return the probability that the word is a token, given its prefix and each next symbol where that can be."""
        shares = {}
        for symbol in self.kept[word_class].get(prefix, ()):
            if symbol == END:
                shares[END] = 1.0
                continue
            longer = prefix + self.characters[symbol - FIRST_CHARACTER]
            probabilities, after = self._allowed(word_class, longer), self._kept_shares(word_class, longer)
            shares[symbol] = math.fsum(probabilities[s] * share for s, share in after.items())
        return shares

    def _new_allowed(self, word_class: str, prefix: str) -> Floats:
        """Return the n-gram's P(symbol | class, prefix) (symbols,), within the restriction. Read-only."""
        probabilities = self.ngram.distribution(word_class, self.plain(prefix[-self.order :]))
        if self.restriction is None:
            return probabilities
        end, *characters = self.restriction(word_class, prefix, self.characters)
        restricted = np.where([end, True, *characters], probabilities, 0.0)
        total = math.fsum(restricted.tolist())  # the same in any order of summation
        return with_floor(restricted / total, self.symbols)

    def start(self) -> "WordSpelling":
        """Return the state of a document before anything is spelled."""
        return WordSpelling(self)

    def tuned(self, **weights: float | None) -> "WordSpeller":
        """Return the same fitted speller with other weights for lexicon and caches."""
        other = copy.copy(self)
        vars(other).update(weights)
        return other

    def to_dict(self) -> dict[str, Any]:
        """Return the fitted speller as JSON values. Joiners are lone surrogates, which JSON can write only in ASCII."""
        return {
            **{name: getattr(self, name) for name in ("order", *CHOICES)},
            "characters": "".join(self.characters),
            "escapes": list(self.escapes),
            "types": [list(word) for word in sorted(self.types)],
            "lexicon": [[*word, self.lexicon[word]] for word in sorted(self.lexicon)],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any], restriction: Restriction | None = None) -> Self:
        """Return the speller from ``to_dict`` with the same restriction, with the same distributions bit for bit."""
        speller = cls(**{name: saved[name] for name in ("order", *CHOICES)}, restriction=restriction)
        types = {(word_class, surface) for word_class, surface in saved["types"]}
        lexicon = {(word_class, surface): count for word_class, surface, count in saved["lexicon"]}
        return speller._learn(types, lexicon, set(saved["characters"]), tuple(saved["escapes"]))


class WordSpelling:
    """A document's state: the surfaces that it has spelled so far."""

    def __init__(self, speller: WordSpeller) -> None:
        self.speller = speller
        self.caches: defaultdict[str | None, Memory] = defaultdict(dict)  # by class, and None for the shared one
        self.types = Counter[str | None]()  # T by class, and S for None

    def observe(self, word_class: str, surface: str) -> None:
        """Learn that the document has spelled the surface. The shared cache learns it if it is new to its class."""
        if self.speller.concentration is None or len(surface) > MAX_REMEMBERED_CHARACTERS:
            return
        plain = self.speller.plain(surface)
        for key in (word_class, None):
            is_new = END not in self.caches[key].get(plain, {})
            self.types[key] += is_new
            remember(self.caches[key], plain, self.speller.spell(plain), 1 - CACHE_DISCOUNT * is_new)
            if not is_new:
                return

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:
        """Return the surface of the outcomes that ``pick`` returns: a decoder's, or a sampler's draws."""
        prefix, speller = Prefix(self, word_class), self.speller
        while (symbol := pick(prefix.distribution())) != END:
            is_seen = symbol != ESCAPE
            character = speller.characters[symbol - FIRST_CHARACTER] if is_seen else speller.unseen.read("", pick)
            prefix.feed(character)
        return prefix.surface

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:
        """Yield each distribution that spells the surface, with the outcome."""
        prefix, speller = Prefix(self, word_class), self.speller
        for character, symbol in zip(surface, speller.spell(surface), strict=False):
            yield prefix.distribution(), symbol
            if symbol == ESCAPE:
                yield from speller.unseen.events("", character)
            prefix.feed(character)
        yield prefix.distribution(), END

    def bits(self, word_class: str, surface: str) -> float:
        """Return −log2 P(surface | class): the sum over its events."""
        return sum(starmap(bits, self.events(word_class, surface)))


class Prefix:
    """The beginning of a surface in a document: P(c | prefix) = Σ_j w_j·P_j(prefix·c) / Σ_j w_j·P_j(prefix)."""

    def __init__(self, spelling: WordSpelling, word_class: str) -> None:
        self._speller = speller = spelling.speller
        self._class, self.surface, self._plain, self._likelihood = word_class, "", "", 1.0
        lexicon = speller.memories.get(word_class, {})
        lexicon_share = speller.lexicon_share if lexicon else 0.0
        below, shared = 1.0, 0.0  # the weights of P₀ and of the shared cache, relative to the class's cache
        if speller.concentration is not None:
            below = speller.concentration + CACHE_DISCOUNT * spelling.types[word_class]
            if speller.shared_concentration is not None:
                remainder = speller.shared_concentration + CACHE_DISCOUNT * spelling.types[None]
                shared = below / (remainder + total(spelling.caches[None]))
                below = shared * remainder
        lexicon_weight = below * (lexicon_share / total(lexicon) if lexicon else 0.0)
        memories = [
            (spelling.caches[word_class], 1.0),
            (spelling.caches[None], shared),
            (lexicon, lexicon_weight),
        ]
        self._memories = [(memory, weight) for memory, weight in memories if memory and weight]
        self._ngram_weight = below * (1 - lexicon_share)

    def distribution(self) -> Floats:
        """Return P(symbol | class, prefix) (symbols,)."""
        following = [(memory[self._plain], weight) for memory, weight in self._memories if self._plain in memory]
        if not following:
            return self._ngram()
        share = whole = self._ngram_weight * self._likelihood
        mixed = self._ngram() * share
        for symbols, weight in following:
            whole += math.fsum(symbols.values()) * weight
            for symbol, remembered in symbols.items():  # usually few
                mixed[symbol] += remembered * weight
        return with_floor(mixed / whole, self._speller.symbols)

    def feed(self, character: str) -> None:
        """Spell a character."""
        symbol = self._speller.index.get(character, ESCAPE)
        self._likelihood *= float(self._ngram()[symbol])
        self.surface += character
        self._plain += UNSEEN if symbol == ESCAPE else character

    def _ngram(self) -> Floats:
        return self._speller.ngram_distribution(self._class, self.surface)


def escape_counts(spelled: Sequence[Iterable[Spelled]], characters: Sequence[Iterable[str]]) -> tuple[int, int]:
    """Return c and n of the escape's share: c of n spelled symbols have a character that no other document has.

    In a single document, c counts symbols whose character no other spelled word has.

    >>> escape_counts([[("X", "aß")], [("X", "a")]], ["aß", "a"])
    (1, 5)
    """
    surfaces = [surface for document in spelled for _, surface in document]
    groups = characters if len(characters) > 1 else surfaces
    groups_with = Counter(character for group in groups for character in set(group) - {JOINER})
    escapes = sum(groups_with[character] == 1 for surface in surfaces for character in surface)
    return escapes, sum(len(surface) + 1 for surface in surfaces)


def fitted_on_valid(data: SpellerData, restriction: Restriction | None = None) -> WordSpeller:
    """Return the speller whose order, λ, θ and η, chosen in turn, give ``data.valid``, if any, the fewest bits."""
    if not any(data.valid):
        return WordSpeller(restriction=restriction).fit(data)

    def total_bits(speller: WordSpeller) -> float:
        total = 0.0
        for document in data.valid:
            spelling = speller.start()
            for word_class, surface in document:
                total += spelling.bits(word_class, surface)
                spelling.observe(word_class, surface)
        return total

    best = min((WordSpeller(order, restriction=restriction).fit(data) for order in ORDERS), key=total_bits)
    for name, choices in CHOICES.items():
        best = min((best.tuned(**{name: choice}) for choice in choices), key=total_bits)
    return best
