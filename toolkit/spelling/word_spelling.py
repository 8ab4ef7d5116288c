"""How the words of a document are spelled, given those that it has spelled so far.

Four models of a whole surface are mixed as in a hierarchical Pitman–Yor process: first the words of the same class that
the document has spelled so far, then those of all its classes, then the rest:

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
Kawakami et al. 2017 (a cache of spelled words).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.events.distribution import Distribution, Floats, floored, with_floor
from toolkit.spelling.ngram import ESCAPE

if TYPE_CHECKING:
    from toolkit.spelling.speller import WordSpeller

UNSEEN = "\ud802"  # stands for any unseen character in contexts and memories

END = 0  # the first symbol; then come ESCAPE and the characters

LONGEST_REMEMBERED = 100  # characters; a cache keeps every prefix of its surfaces
CACHE_DISCOUNT = 0.5  # d: the best of 0, 0.3, 0.5, 0.7, 0.9 in bits of the tales' validation words; θ matters little


class Memory:
    """Weighted surfaces of each class, and of None for all classes, looked up by prefix; none is longer than
    ``LONGEST_REMEMBERED``."""

    def __init__(self) -> None:
        self._after: dict[tuple[str | None, str], dict[int, float]] = {}

    def add(self, word_class: str | None, surface: str, symbols: Sequence[int], weight: float) -> None:
        """Add ``weight`` to a surface, whose symbols end with ``END``."""
        for place, symbol in enumerate(symbols):
            after = self._after.setdefault((word_class, surface[:place]), {})
            after[symbol] = after.get(symbol, 0.0) + weight

    def after(self, word_class: str | None, prefix: str) -> Mapping[int, float]:
        """The weight of the surfaces that begin with the prefix, by the next symbol.

        None is so long that a longer prefix has to be looked up, which takes a time that rises with its length.
        """
        return self._after.get((word_class, prefix), {}) if len(prefix) <= LONGEST_REMEMBERED else {}

    def total(self, word_class: str | None) -> float:
        """The weight of all surfaces of a class."""
        return math.fsum(self.after(word_class, "").values())


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

    def __init__(self, speller: "WordSpeller", lexicon: Memory) -> None:
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

    def _weights(self, word_class: str) -> Weights:
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

    def _mixture(self, weights: Weights, plain: str, likelihood: float, ngram: Floats) -> Floats:
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
