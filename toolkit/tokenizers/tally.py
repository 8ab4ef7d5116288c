"""How often training shows each id of a tokenizer of words, and how many of its events would else be a surprise."""

from collections.abc import Sequence

import numpy as np

from toolkit.rare_words.base import Symbol
from toolkit.rare_words.rarity import Rarity, Symbols, Types, surprising_events
from toolkit.text.segmentation import Indices
from toolkit.tokenizers.in_parts import InParts, Part
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
        self.marks = InParts(before)  # marks and cases, by id
        self.symbols = np.zeros(len(symbols), np.int64)  # those of words that are not kept
        self._written: dict[int, list[Symbols]] = {}  # by part, of each of its pieces

    def needed(self, read: Read, found: Found) -> Indices:
        """The places of the words whose symbols are to be counted: those that are not kept, or might not be."""
        return np.flatnonzero((found.ids == UNKNOWN) | self.candidates[read.types])

    def add(self, read: Read, found: Found, symbols: Types, places: Indices, parts: Sequence[Part]) -> None:
        """Count a document in these parts, with the symbols (m,) of the ``needed`` words and the words' places (m,)."""
        unknown = found.ids == UNKNOWN
        self.symbols += np.bincount(symbols[unknown[places]], minlength=len(self.symbols))
        self.kept_words += int((~unknown).sum())
        for number, words in parts:
            here = np.bincount(np.concatenate([found.marks[words], found.cases[words]]))
            here[:1] = 0  # words without them
            self.marks.add(here, number)
            within = np.isin(symbols, self.inside) & (places >= words.start) & (places < words.stop)
            of = places[within]
            without = self.rarity.without(read.types[words], number)[of - words.start]
            written = Symbols(read.types[of], symbols[within], without, np.diff(of, prepend=-1) > 0)
            self._written.setdefault(number, []).append(written)

    @property
    def events(self) -> int:
        """All events but the ends of documents."""
        return self.kept_words + int(self.marks.counts.sum() + self.symbols.sum())

    @property
    def surprises(self) -> int:
        """How many events would be a surprise to the network if their part were left out."""
        written = [Symbols(*map(np.concatenate, zip(*pieces, strict=True))) for pieces in self._written.values()]
        return self.marks.surprising + surprising_events(self.rarity, written)
