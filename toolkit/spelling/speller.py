r"""The speller: P(surface | class), the model that spells rare and unseen words.

A surface is the text of a token with its marks (``JOINER``). It is spelled symbol by symbol until ``END``; a character
that is not in the training text is an ``ESCAPE``, followed by a uniform event over the unseen characters. Four models
of a whole surface are mixed as in a hierarchical Pitman–Yor process: first the words of the same class that the
document has spelled so far, then those of all its classes, then the rest:

    P(surface)  = [(n_surface − d)⁺ + (θ + d·T)·P₁(surface)] / (n + θ)
    P₁(surface) = [(m_surface − d)⁺ + (η + d·S)·P₀(surface)] / (m + η),   P₀ = λ·P_lexicon + (1 − λ)·P_ngram

with n surfaces of the class spelled in the document, T of them distinct; m surfaces that were new to their class when
they were spelled, S of them distinct. The lexicon has the words spelled in training (one document's rare word is often
another's), and the n-gram spells anything. λ, θ (``concentration``) and η (``shared_concentration``) are chosen on
validation documents, and so is whether these caches are used at all; without the second, P₁ is P₀.

No coded symbol may have less than the coder's floor F (events/distribution). So each distribution of a next symbol, one
of K, is lifted to (1 − K·F)·P(symbol | prefix) + F: the n-gram's, and then the mixture's. P(surface) is the product of
these, where a likely symbol pays K·F / ln 2 bits more: 1.2e-4 bits for a word of 6 characters and its end, if K = 100.

Goldwater, Griffiths & Johnson 2011 (a Pitman–Yor process over a model of characters); Teh 2006 (its hierarchy);
Kawakami et al. 2017 (a cache of spelled words). On the validation documents of the bundled tales, bits per spelled word
of 6.6 characters: Witten–Bell over types 26.5, this n-gram 23.1, with the lexicon 22.7, with the class's cache 18.5.
"""

import copy
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from toolkit.errors import MOST_COUNTED, within
from toolkit.events.distribution import Distribution, Floats, floored, surprise_share, with_floor
from toolkit.spelling.ngram import ESCAPE, NGram
from toolkit.spelling.uniform import UnseenCharacters
from toolkit.text.segmentation import JOINER

UNSEEN = "\ud802"  # stands for any unseen character in contexts and memories

END = 0  # the first symbol; then come ESCAPE and the characters

LONGEST_REMEMBERED = 100  # characters; a cache keeps every prefix of its surfaces
CACHE_DISCOUNT = 0.5  # d: the best of 0, 0.3, 0.5, 0.7, 0.9 on the same documents; with it, θ matters little

MEMO_PATHS = 1 << 15  # surfaces whose n-gram is kept: validation's are spelled once for each choice

CHOICES: Mapping[str, Sequence[float | None]] = {  # tried in turn; None means without that cache
    "lexicon_share": (0.0, 0.05, 0.15),
    "concentration": (None, 10.0, 30.0, 100.0, 300.0),
    "shared_concentration": (None, 3.0, 10.0, 30.0, 100.0),
}

Spelled = tuple[str, str]  # a class and a surface


class Restriction(Protocol):
    """What surfaces a class allows, if the class is a function of the spelling."""

    def allowed(self, word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which of the end and the characters (1 + len(characters),) may follow a prefix."""
        ...


class Memory:
    """Weighted surfaces of each class, and of None for all classes, looked up by prefix."""

    def __init__(self) -> None:
        self._after: dict[tuple[str | None, str], dict[int, float]] = {}

    def add(self, word_class: str | None, surface: str, symbols: Sequence[int], weight: float) -> None:
        """Add ``weight`` to a surface, whose symbols end with ``END``."""
        for place, symbol in enumerate(symbols):
            after = self._after.setdefault((word_class, surface[:place]), {})
            after[symbol] = after.get(symbol, 0.0) + weight

    def after(self, word_class: str | None, prefix: str) -> Mapping[int, float]:
        """The weight of the surfaces that begin with the prefix, by the next symbol."""
        return self._after.get((word_class, prefix), {})

    def total(self, word_class: str | None) -> float:
        """The weight of all surfaces of a class."""
        return math.fsum(self.after(word_class, "").values())


class WordSpeller:
    """P(surface | class), fitted on training documents; ``start`` begins a document.

    ``order`` is the n-gram's, ``lexicon_share`` λ, ``concentration`` θ and ``shared_concentration`` η; θ None means no
    cache of the document, η None no cache shared by all classes.
    A class that is not in training is spelled by what all classes have in common. With a ``restriction`` the n-gram
    spells only what the class allows, apart from the floor.
    """

    def __init__(
        self,
        order: int = 6,
        lexicon_share: float = 0.15,
        concentration: float | None = 100.0,
        shared_concentration: float | None = None,
        restriction: Restriction | None = None,
    ) -> None:
        self.order = order
        self.lexicon_share = lexicon_share
        self.concentration = concentration
        self.shared_concentration = shared_concentration
        self.restriction = restriction

    def fit(
        self,
        types: Iterable[Spelled],
        spelled: Sequence[Iterable[Spelled]],
        characters: Sequence[Iterable[str]],
        left_out: Sequence[Iterable[Spelled]] | None = None,
    ) -> Self:
        """Learn from training documents only.

        ``types``: all words of the training text, rare or not, with the class that each would have; a type counts once.
        ``spelled``: by document, the words that were spelled. ``characters``: by document, those of its text.
        ``left_out``: by document, the words that would be spelled had it been left out; by default those spelled.
        If training spells nothing, the escape's share is that among the types, since unseen words are spelled then.
        Raises ValueError if a word has a character that no document has.
        """
        types = set(types)
        documents = [list(document) for document in spelled]
        lexicon = Counter(word for document in documents for word in document)
        would = documents if left_out is None else [list(document) for document in left_out]
        escapes = escape_counts(would if any(would) else [types], characters)
        return self._learn(types, lexicon, set().union(*characters), escapes)

    def _learn(
        self, types: set[Spelled], lexicon: Mapping[Spelled, int], characters: set[str], escapes: tuple[int, int]
    ) -> Self:
        """Build the tables from what ``to_dict`` saves."""
        self.types, self.lexicon, self.escapes = types, lexicon, escapes
        self.characters = (JOINER, *sorted(characters - {JOINER}))  # symbols 2, 3, …
        self.symbols = 2 + len(self.characters)
        self.unseen = UnseenCharacters(self.characters)
        self._index = {character: symbol for symbol, character in enumerate(self.characters, 2)}
        self.ngram = NGram(self.order, self.symbols, surprise_share(*escapes)).fit(self._known(sorted(types)))
        self.ngram_path = lru_cache(MEMO_PATHS)(self._new_path)
        self._lexicon = Memory()
        for word_class, surface, symbols in self._known(sorted(lexicon)):
            if len(surface) > LONGEST_REMEMBERED:
                continue
            self._lexicon.add(word_class, surface, symbols, lexicon[word_class, surface])
        return self

    def _known(self, words: Iterable[Spelled]) -> Iterator[tuple[str, str, list[int]]]:
        """The words with their symbols. Raises ValueError if one has a character that no document has."""
        for word_class, surface in words:
            symbols = self.spell(surface)
            if ESCAPE in symbols:
                raise ValueError(
                    f"The training word {surface!r} has {surface[symbols.index(ESCAPE)]!r}, which is not among the "
                    f"characters of the training documents; give fit the characters of their whole text."
                )
            yield word_class, surface, symbols

    def spell(self, surface: str) -> list[int]:
        """The surface's symbols, ending with ``END``; one ``ESCAPE`` for each unseen character."""
        return [*(self._index.get(character, ESCAPE) for character in surface), END]

    def ngram_distribution(self, word_class: str, prefix: str) -> Floats:
        """The n-gram's P(symbol | class, prefix) (symbols,), within the restriction. Read-only."""
        probabilities = self.ngram.distribution(word_class, self.plain(prefix[-self.order :]))
        if self.restriction is None:
            return probabilities
        end, *characters = self.restriction.allowed(word_class, prefix, self.characters)
        restricted = np.where([end, True, *characters], probabilities, 0.0)
        return with_floor(restricted / math.fsum(restricted.tolist()))  # the same in any order of summation

    def _new_path(self, word_class: str, surface: str) -> tuple[float, ...]:
        """The n-gram's P(symbol | class, prefix) of each symbol that spells a surface, its end included."""
        return tuple(
            float(self.ngram_distribution(word_class, surface[:place])[symbol])
            for place, symbol in enumerate(self.spell(surface))
        )

    def plain(self, text: str) -> str:
        """The text with ``UNSEEN`` in place of each unseen character."""
        return "".join(character if character in self._index else UNSEEN for character in text)

    def outcomes(self, surface: str) -> Iterator[int]:
        """The outcomes of all events that spell a surface: its symbols, and which character follows an ``ESCAPE``."""
        for character in surface:
            symbol = self._index.get(character, ESCAPE)
            yield symbol
            if symbol == ESCAPE:
                yield self.unseen.number(character)
        yield END

    def start(self) -> "WordSpelling":
        """The state of a document before anything is spelled."""
        return WordSpelling(self, self._lexicon)

    def tuned(self, **weights: float | None) -> "WordSpeller":
        """The same fitted speller with other weights for lexicon and caches."""
        other = copy.copy(self)
        vars(other).update(weights)
        return other

    def to_dict(self) -> dict[str, Any]:
        """The fitted speller as plain values. Joiners are lone surrogates, which JSON can write only in ASCII."""
        return {
            "order": self.order,
            "lexicon_share": self.lexicon_share,
            "concentration": self.concentration,
            "shared_concentration": self.shared_concentration,
            "characters": "".join(self.characters),
            "escapes": list(self.escapes),
            "types": [list(word) for word in sorted(self.types)],
            "lexicon": [[*word, self.lexicon[word]] for word in sorted(self.lexicon)],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any], restriction: Restriction | None = None) -> Self:
        """The speller from ``to_dict`` with the same restriction; its distributions are identical, bit for bit.

        Raises ValueError if a value is none that ``to_dict`` gives.
        """
        refuse_damaged(saved)
        settings = {name: saved[name] for name in ("order", *CHOICES)}
        speller = cls(**settings, restriction=restriction)
        types = {(word_class, surface) for word_class, surface in saved["types"]}
        lexicon = {(word_class, surface): count for word_class, surface, count in saved["lexicon"]}
        escapes, events = saved["escapes"]
        return speller._learn(types, lexicon, set(saved["characters"]), (escapes, events))


@dataclass(frozen=True)
class Weights:
    """What the models weigh for one surface: the n-gram, and each memory that weighs anything, with its class's key."""

    ngram: float
    memories: Sequence[tuple[Memory, str | None, float]]

    def after(self, plain: str) -> list[tuple[Mapping[int, float], float]]:
        """What each memory has after a prefix, and its weight: the class's cache, the document's cache, the lexicon."""
        return [(memory.after(key, plain), weight) for memory, key, weight in self.memories]


class WordSpelling:
    """A document's state: the speller and the surfaces that the document has spelled so far.

    The models are mixed symbol by symbol, by the weight that each gives to all surfaces with the prefix,
    P(c | prefix) = Σ_j w_j·P_j(prefix·c) / Σ_j w_j·P_j(prefix), so a surface has the probability of the mixture.
    For all of them an unseen character is the escape, and the uniform event says which one it is.
    """

    def __init__(self, speller: WordSpeller, lexicon: Memory) -> None:
        self._speller = speller
        self._lexicon = lexicon
        self._cache = Memory()
        self._different: Counter[str | None] = Counter()  # T by class
        self._seen: set[tuple[str | None, str]] = set()

    def distribution(self, word_class: str, prefix: str) -> Floats:
        """P(symbol | class, prefix) (symbols,)."""
        plain, weights = self._speller.plain(prefix), self._weights(word_class)
        likelihood = 1.0
        if any(memory for memory, _ in weights.after(plain)):
            for probability in self._speller.ngram_path(word_class, prefix)[:-1]:
                likelihood *= probability
        return self._mixture(weights, plain, likelihood, self._speller.ngram_distribution(word_class, prefix))

    def _weights(self, word_class: str) -> "Weights":
        """What each model weighs for the next surface of a class, relative to the class's cache, which has n − d·T."""
        below, shared = self._weights_below(word_class)
        lexicon_total = self._lexicon.total(word_class)
        share = self._speller.lexicon_share if lexicon_total else 0.0
        weighted = [
            (self._cache, word_class, 1.0),
            (self._cache, None, shared),
            (self._lexicon, word_class, below * (share / lexicon_total if lexicon_total else 0.0)),
        ]
        return Weights(below * (1 - share), [(memory, key, weight) for memory, key, weight in weighted if weight])

    def _weights_below(self, word_class: str) -> tuple[float, float]:
        """The weights of P₀ and of the cache of all classes."""
        concentration, shared = self._speller.concentration, self._speller.shared_concentration
        if concentration is None:
            return 1.0, 0.0
        below = concentration + CACHE_DISCOUNT * self._different[word_class]
        if shared is None:
            return below, 0.0
        rest = shared + CACHE_DISCOUNT * self._different[None]
        unit = below / (rest + self._cache.total(None))
        return unit * rest, unit

    def _mixture(self, weights: "Weights", plain: str, likelihood: float, ngram: Floats) -> Floats:
        """The mixture's next symbol, given the n-gram's and its likelihood of the prefix."""
        memories = weights.after(plain)
        if not any(memory for memory, _ in memories):
            return ngram
        total = weights.ngram * likelihood
        mixed = ngram * total
        for memory, weight in memories:
            for symbol, remembered in memory.items():  # usually few
                mixed[symbol] += remembered * weight
            total += math.fsum(memory.values()) * weight
        return with_floor(mixed / total) if total else ngram

    def observe(self, word_class: str, surface: str) -> None:
        """Learn that the document has spelled the surface; the cache of all classes learns what is new to its class."""
        if self._speller.concentration is None or len(surface) > LONGEST_REMEMBERED:
            return
        plain = self._speller.plain(surface)
        if self._add(word_class, plain):
            self._add(None, plain)

    def _add(self, word_class: str | None, plain: str) -> bool:
        """Add a surface to a cache; returns whether it is new there."""
        new = (word_class, plain) not in self._seen
        self._seen.add((word_class, plain))
        self._different[word_class] += new
        self._cache.add(word_class, plain, self._speller.spell(plain), 1 - CACHE_DISCOUNT * new)
        return new

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:
        """The surface of the outcomes that ``pick`` gives: a decoder's, or a sampler's draws. Does not observe.

        Each ``END`` has at least the floor's probability, so drawn surfaces end; to bound the length, pick ``END``.
        """
        surface, plain, likelihood, weights = "", "", 1.0, self._weights(word_class)
        while True:
            ngram = self._speller.ngram_distribution(word_class, surface)
            symbol = pick(self._mixture(weights, plain, likelihood, ngram))
            if symbol == END:
                return surface
            likelihood *= float(ngram[symbol])
            if symbol == ESCAPE:
                surface += self._speller.unseen.surface(pick(self._speller.unseen.distribution))
                plain += UNSEEN
            else:
                surface += self._speller.characters[symbol - 2]
                plain += self._speller.characters[symbol - 2]

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:
        """Each distribution that spells the surface, with the outcome. Does not observe."""
        outcomes = self._speller.outcomes(surface)
        events: list[tuple[Distribution, int]] = []

        def pick(distribution: Distribution) -> int:
            events.append((distribution, next(outcomes)))
            return events[-1][1]

        self.read(word_class, pick)
        return iter(events)

    def bits(self, word_class: str, surface: str) -> float:
        """−log2 P(surface | class): the sum over its events, to the last digit, but of their outcomes alone."""
        total, plain, likelihood, weights = 0.0, "", 1.0, self._weights(word_class)
        unseen = math.log2(self._speller.unseen.distribution.outcomes)
        path = self._speller.ngram_path(word_class, surface)
        for place, (symbol, ngram) in enumerate(zip(self._speller.spell(surface), path, strict=True)):
            total -= math.log2(self._mixed(weights.after(plain), weights.ngram * likelihood, ngram, symbol))
            likelihood *= ngram
            if symbol == ESCAPE:
                total += unseen
                plain += UNSEEN
            else:
                plain += surface[place : place + 1]
        return total

    def _mixed(
        self, memories: Sequence[tuple[Mapping[int, float], float]], total: float, ngram: float, symbol: int
    ) -> float:
        """The mixture's probability of one symbol: that of ``_mixture``, computed in the same order."""
        if not any(memory for memory, _ in memories):
            return ngram
        of_symbol = ngram * total
        for memory, weight in memories:
            of_symbol += memory.get(symbol, 0.0) * weight
            total += math.fsum(memory.values()) * weight
        return floored(of_symbol / total, self._speller.symbols) if total else ngram


def refuse_damaged(saved: Mapping[str, Any]) -> None:
    """Raises ValueError if numbers of a saved speller are not numbers, or are out of their range."""
    within("order", saved["order"], 1, LONGEST_REMEMBERED, int)
    within("lexicon_share", saved["lexicon_share"], 0, 0.999)
    for name in ("concentration", "shared_concentration"):
        if saved[name] is not None:
            within(name, saved[name], 1e-6, 1e6)
    escapes, events = saved["escapes"]
    within("escapes", escapes, 0, within("spelled symbols", events, 0, MOST_COUNTED, int), int)
    for *_, count in saved["lexicon"]:
        within("a count of the lexicon", count, 1, MOST_COUNTED, int)


def escape_counts(spelled: Sequence[Iterable[Spelled]], characters: Sequence[Iterable[str]]) -> tuple[int, int]:
    """c and n of the escape's share: of n spelled symbols, c have a character that no other training document has.

    Had their document been left out, these would have been escapes. A single document cannot be left out: its words
    are left out instead, and c counts the symbols whose character no other spelled word has.

    >>> escape_counts([[("X", "aß")], [("X", "a")]], ["aß", "a"])
    (1, 5)
    """
    documents = [list(document) for document in spelled]
    groups = characters if len(characters) > 1 else [surface for document in documents for _, surface in document]
    groups_with = Counter(character for group in groups for character in set(group) - {JOINER})
    surfaces = [surface for document in documents for _, surface in document]
    escapes = sum(groups_with[character] == 1 for surface in surfaces for character in surface)
    return escapes, sum(len(surface) + 1 for surface in surfaces)
