"""Counts of ids by part of the training text, and estimates for each part by leaving it out.

Ids and types are numbers from 0. A part is left out at once: a document, or a slice of a single document.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from toolkit.text.corpus import Document
from toolkit.text.splits import BLOCKS
from toolkit.text.words import LEFT, RIGHT, Indices, Words

Ints = npt.NDArray[np.int64]
Types = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


def parts_of(documents: int, place: int, length: int) -> Ints:
    """Return the part (length,) of each word of the document at this place, given the number of documents."""
    if documents > 1:
        return np.full(length, place)
    return np.arange(length) // max(1, -(-length // BLOCKS))


class InParts:
    """How often each id occurs, in how many parts, and how often in the part that has most of it."""

    def __init__(self) -> None:
        self._use(np.zeros((3, 0), np.int64))

    def _use(self, table: Ints) -> None:
        self._table = table
        self.counts, self.parts_with, self.most = table  # by id

    @classmethod
    def of(cls, documents: Sequence[Document], encoded: Iterable[npt.NDArray[np.integer]]) -> Self:
        """Return the counts of documents, from the ids of each."""
        counts = cls()
        for place, document_ids in enumerate(encoded):
            counts.add(document_ids, parts_of(len(documents), place, len(document_ids)))
        return counts

    def add(self, occurrences: npt.NDArray[np.integer], parts: Ints) -> None:
        """Count occurrences, given the id and the part of each (n,). Each call has other parts."""
        self._use(with_room(self._table, int(occurrences.max(initial=0)) + 1))
        for part in np.unique(parts):
            ids, counts = np.unique(occurrences[parts == part], return_counts=True)
            self.counts[ids] += counts
            self.parts_with[ids] += 1
            self.most[ids] = np.maximum(self.most[ids], counts)

    @property
    def surprising(self) -> int:
        """How many of all occurrences would be of an unseen id if their part were left out."""
        return int(self.counts[self.parts_with == 1].sum())


class WordsIfRare(NamedTuple):
    """Words (n,) whose types are rare or would be if a part were left out, each with its part.

    If they were rare, they would be written with ``lengths`` (n,) symbols each, ``symbols`` (m,) in all.
    """

    parts: Ints
    types: Types
    lengths: Ints
    symbols: Types


def surprising_events(words: WordsIfRare, rare: Mask, without: Mask, inside: Mask) -> int:
    """Return how many events of the text would need a symbol that no rare word has without the event's part.

    Only words count that are ``rare`` or would be ``without`` their part (n,), and symbols that the network predicts
    (symbols,). Each symbol of a rare word is an event of the text. A word that is not rare is a single one, however
    many symbols it would be written with.
    """
    predicted = inside[words.symbols]
    symbols, word = words.symbols[predicted], np.repeat(np.arange(len(rare)), words.lengths)[predicted]
    parts, types, rare, without = words.parts[word], words.types[word], rare[word], without[word]
    size = [int(numbers.max(initial=-1)) + 1 for numbers in (words.parts, words.types)]

    def table(rows: Indices, columns: Indices, shape: Sequence[int]) -> csr_array:
        """How often each row occurs together with each column."""
        return csr_array((np.ones(len(rows), np.int64), (rows, columns)), shape)

    newly = without & ~rare
    types_newly = table(parts[newly], types[newly], size) > 0
    newly_anywhere = types_newly @ table(types, symbols, (size[1], len(inside)))  # (parts, symbols)
    here = table(parts[without], symbols[without], (size[0], len(inside)))
    everywhere = np.bincount(symbols[rare], minlength=len(inside))
    is_new = without & (everywhere[symbols] + (newly_anywhere - here)[parts, symbols] == 0)
    return int((is_new & rare).sum()) + len(np.unique(word[is_new & newly]))


def with_room(table: Ints, size: int) -> Ints:
    """Return a table (rows, n) with room for at least ``size`` columns; new ones are 0."""
    width = table.shape[1]
    return table if size <= width else np.pad(table, ((0, 0), (0, max(size, 2 * width) - width)))


IsRare = Callable[[Ints, Ints], Mask]  # (occurrences, parts with it), by type -> whether it is rare


class TrainingText(InParts):
    """The documents as words, and the types of words, numbered in order of appearance, with counts and usual marks.

    ``is_rare`` must not call a type rare and the same type, with less of it, not rare.
    """

    def __init__(self, documents: Sequence[Document], cut: Callable[[Document], Words], is_rare: IsRare) -> None:
        super().__init__()
        self.is_rare, self.words = is_rare, list(map(cut, documents))
        self.alphabets = ["".join(sorted({*document.text})) for document in documents]
        self._numbers: dict[str, int] = {}
        # By side and type: marks where they are due, less missing ones.
        self._balance = np.zeros((2, 0), np.int64)
        for words, parts in self:
            types = self.types(words)
            self.add(types, parts)
            self._balance = with_room(self._balance, len(self._numbers))
            for row, side in enumerate((LEFT, RIGHT)):
                due = (words.at["due"] & side) > 0
                np.add.at(self._balance[row], types[due], np.where(words.at["marks"][due] & side, 1, -1))

    def __iter__(self) -> Iterator[tuple[Words, Ints]]:
        """Yield the words of every document, with the part of each."""
        for place, words in enumerate(self.words):
            yield words, parts_of(len(self.words), place, len(words))

    def types(self, words: Words) -> Types:
        """Return the types (n,) of a document's words."""
        numbers = self._numbers
        types = np.array([numbers.setdefault(form, len(numbers)) for form in words.forms], np.int32)
        return types.take(words.at["form"])

    def rare(self) -> Mask:
        """Return by type whether it is rare."""
        return self.is_rare(self.counts, self.parts_with)

    def may_be_rare(self) -> Mask:
        """Return by type whether it is rare or would be if some part with it were left out."""
        return self.is_rare(self.counts - self.most, self.parts_with - 1)

    def without(self, types: Types, parts: Ints) -> Mask:
        """Return whether each type (n,) would be rare without its part, given all occurrences of these types."""
        _, pair, in_part = np.unique(parts * len(self.counts) + types, return_inverse=True, return_counts=True)
        return self.is_rare(self.counts[types] - in_part[pair], self.parts_with[types] - 1)

    def usual_marks(self) -> dict[str, int]:
        """Return the words that are not rare, by frequency and name, with their marks in most places where due."""
        marks = (np.array([LEFT, RIGHT]) @ (self._balance > 0)).tolist()
        names, types = list(self._numbers), np.flatnonzero(~self.rare()).tolist()
        types.sort(key=lambda type_: (-self.counts[type_], names[type_]))
        return {names[type_]: marks[type_] for type_ in types}
