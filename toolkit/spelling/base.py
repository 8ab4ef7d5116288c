"""Spelling without a memory: an n-gram over the symbols of words, and one uniform event over all that is unseen."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np

from toolkit.events.distribution import Distribution, Floats, Uniform, with_floor
from toolkit.text.code_points import CODE_POINTS

END, ESCAPE, FIRST_CHARACTER = range(3)  # symbols: a surface's end, an unseen character, the first known one
BEGIN = "\ud801"  # precedes the first symbol of a context; a lone surrogate, so no text contains it

DISCOUNT = 0.75  # the n-gram's D and α: the best of D in 0.6 … 0.9, α in 0 … 5 on the validation
STRENGTH = 3.0  # documents of the bundled tales and Lovecraft together; the optimum is flat
MEMO_FLOATS = 1 << 22  # 32 MiB of n-gram distributions are cached

Context = tuple[str | None, str]  # a class, or None for all classes, and the symbols before the next one
Counts = dict[Context, dict[int, int]]  # how often each symbol came after each context

SURROGATES = range(0xD800, 0xE000)  # code points that are no characters


class NGram:
    """Interpolated Kneser–Ney over types, with a chain of contexts that alternates between the class and all classes.

    The chain begins with the class's longest context, of at most ``order`` − 1 symbols. The same context in all classes
    follows, then the class's context one symbol shorter, and so on. It ends with the uniform distribution over all
    symbols but the escape. At each step, with lower(c) the next step of the chain,

        P(c | context) = [max(n_c − D, 0) + (α + D·t)·lower(c)] / (n + α)

    where n = Σ n_c and t is the number of c with n_c > 0. A class's n_c counts types at the longest contexts and at
    contexts that reach the word's beginning. At shorter ones it counts the distinct symbols before the context, and
    across all classes it counts classes.

    Kneser & Ney 1995; Teh 2006 (the Pitman–Yor process with a table per dish, which adds α); Goodman 2001 for types.
    """

    def __init__(self, order: int, symbols: int, escape_share: float) -> None:
        self.order, self.symbols, self.escape_share = order, symbols, escape_share
        self._counts: Counts = {}
        memo = lru_cache(max(256, MEMO_FLOATS // symbols // 2))
        self._step, self._whole = memo(self._new_step), memo(self._new_whole)

    def fit(self, words: Iterable[tuple[str, str, Sequence[int]]]) -> Self:
        """Count words, each given as a class, a surface and its symbols with ``END``."""
        by_length: list[Counts] = [{} for _ in range(self.order)]
        for word_class, surface, symbols in words:
            history = BEGIN + surface
            for place, symbol in enumerate(symbols, 1):
                context = history[max(0, place - self.order + 1) : place]
                _count(by_length[len(context)], (word_class, context), (symbol,))
        for longer, shorter in zip(by_length[:0:-1], by_length[-2::-1], strict=True):
            for (one_class, context), counts in longer.items():
                _count(shorter, (one_class, context[1:]), counts)
        pooled: Counts = {}
        for level in by_length:
            for (_, context), counts in level.items():
                _count(pooled, (None, context), counts)
        self._counts = {key: counts for level in (pooled, *by_length) for key, counts in level.items()}
        return self

    def distribution(self, word_class: str, prefix: str) -> Floats:
        """Return P(symbol | class, prefix) (symbols,): ε for the escape, 1 − ε for all other symbols. Read-only."""
        context = (BEGIN + prefix)[-(self.order - 1) :] if self.order > 1 else ""
        return self._whole(word_class if (word_class, "") in self._counts else None, context)

    def _new_whole(self, word_class: str | None, context: str) -> Floats:
        """Return the chain with the escape and the floor."""
        probabilities = (1 - self.escape_share) * self._step(word_class, context, word_class is None)
        probabilities[ESCAPE] = self.escape_share
        probabilities = with_floor(probabilities, self.symbols)
        probabilities.setflags(write=False)
        return probabilities

    def _new_step(self, word_class: str | None, context: str, pooled: bool) -> Floats:
        """Return the chain from the context of the class, or of all classes."""
        if not pooled:
            lower = self._step(word_class, context, True)
        elif context:
            lower = self._step(word_class, context[1:], word_class is None)
        else:
            lower = np.full(self.symbols, 1 / (self.symbols - 1))
            lower[ESCAPE] = 0.0
        counts = self._counts.get((None if pooled else word_class, context))
        if counts is None:
            return lower
        total = sum(counts.values()) + STRENGTH
        probabilities = lower * ((STRENGTH + DISCOUNT * len(counts)) / total)
        probabilities[list(counts)] += (np.array(list(counts.values())) - DISCOUNT) / total
        return probabilities


def _count(counts: Counts, context: Context, symbols: Iterable[int]) -> None:
    """Count symbols after a context, each once. Nearly every context has one or two, for which a Counter is slow."""
    after = counts.setdefault(context, {})
    for symbol in symbols:
        after[symbol] = after.get(symbol, 0) + 1


class UnseenCharacters:
    """The Unicode scalar values that are not in ``seen``, in order.

    >>> unseen = UnseenCharacters("a")
    >>> unseen.index("b"), unseen[97]
    (97, 'b')
    """

    def __init__(self, seen: Iterable[str]) -> None:
        self.seen = "".join(sorted(seen))
        self._codes = np.delete(np.arange(CODE_POINTS, dtype=np.uint32), [*SURROGATES, *map(ord, self.seen)])

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, number: int) -> str:
        return chr(self._codes[number])

    def index(self, character: str) -> int:
        """Return the number of an unseen character."""
        code = np.uint32(ord(character))  # of another type, all codes would be converted
        return int(self._codes.searchsorted(code))


class UniformSpeller:
    """The ``Speller`` of unseen characters or tokens, and its own ``Spelling``: it keeps no state."""

    def __init__(self, unseen: UnseenCharacters | Sequence[str]) -> None:
        self._unseen, self.distribution = unseen, Uniform(len(unseen))

    def start(self) -> Self:
        """Return the speller."""
        return self

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:  # noqa: ARG002
        """Yield the distribution of unseen surfaces with the number of this one."""
        yield self.distribution, self._unseen.index(surface)

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:  # noqa: ARG002
        """Return the unseen surface with the picked number."""
        return self._unseen[pick(self.distribution)]

    def observe(self, word_class: str, surface: str) -> None:
        """Learn nothing."""

    def to_dict(self) -> dict[str, Any]:
        """Return the seen characters, or the unseen tokens."""
        unseen = self._unseen
        return {"characters": unseen.seen} if isinstance(unseen, UnseenCharacters) else {"tokens": list(unseen)}
