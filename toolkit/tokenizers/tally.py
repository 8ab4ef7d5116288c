"""How often training shows each id of a tokenizer of words, and how many of its events would else be a surprise."""

from collections.abc import Sequence

import numpy as np

from toolkit.rare_words.base import Symbol
from toolkit.rare_words.rarity import Rarity, Symbols, Types, surprising_symbols
from toolkit.text.segmentation import Indices
from toolkit.tokenizers.kept_words import UNKNOWN, Found
from toolkit.tokenizers.word_counts import Read


class Tally:
    """The events of the training text, added document by document.

    ``before`` is the number of ids before the symbols: ``<doc>``, marks and cases. Kept words are all shown.
    """

    def __init__(self, rarity: Rarity, before: int, symbols: Sequence[Symbol]) -> None:
        self.rarity = rarity
        self.candidates = rarity.may_be_rare()  # by type: whether its symbols matter
        self.inside = [number for number, symbol in enumerate(symbols) if not symbol.outside]
        self.outside = [number for number, symbol in enumerate(symbols) if symbol.outside]
        self.kept_words = 0
        self.marks = np.zeros(before, np.int64)  # marks and cases, by id
        self.symbols = np.zeros(len(symbols), np.int64)  # those of words that are not kept
        self._parts_with = np.zeros(before, np.int64)  # by mark and case
        self._written: list[Symbols] = []  # by part

    def needed(self, read: Read, found: Found) -> Indices:
        """The places of the words whose symbols are to be counted: those that are not kept, or might not be."""
        return np.flatnonzero((found.ids == UNKNOWN) | self.candidates[read.types])

    def add(self, read: Read, found: Found, symbols: Types, places: Indices, parts: Sequence[slice]) -> None:
        """Count a document in these parts, with the symbols (m,) of the ``needed`` words and the words' places (m,)."""
        unknown = found.ids == UNKNOWN
        self.symbols += np.bincount(symbols[unknown[places]], minlength=len(self.symbols))
        self.kept_words += int((~unknown).sum())
        for part in parts:
            here = np.bincount(np.concatenate([found.marks[part], found.cases[part]]), minlength=len(self.marks))
            here[0] = 0  # words without them
            self.marks += here
            self._parts_with += here > 0
            within = np.isin(symbols, self.inside) & (places >= part.start) & (places < part.stop)
            without = self.rarity.without(read.types[part])[places[within] - part.start]
            self._written.append(Symbols(read.types[places[within]], symbols[within], without))

    @property
    def events(self) -> int:
        """All events but the ends of documents."""
        return self.kept_words + int(self.marks.sum() + self.symbols.sum())

    @property
    def surprises(self) -> int:
        """How many events would be a surprise to the network if their part were left out."""
        return int(self.marks[self._parts_with == 1].sum()) + surprising_symbols(self.rarity, self._written)
