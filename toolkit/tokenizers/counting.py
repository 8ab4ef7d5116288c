"""Counts of ids by part of the training text, and estimates for each part by leaving it out.

Ids and types are numbers from 0. A part is left out at once: a document, which may come in several pieces that follow
each other, or a slice of a single document.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.text.corpus import Document, left_out_together
from toolkit.text.splits import BLOCKS
from toolkit.text.store import fitting_places
from toolkit.text.words import LEFT, RIGHT, Indices, Words

Ints = npt.NDArray[np.int64]
Types = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Part = tuple[int, slice]  # the number of a part, and the places of a document's words that are in it


def slices_of(wholes: Sequence[int], place: int, length: int) -> list[Part]:
    """Return the parts of the document at this place, of ``length`` words, given the number of each document's part."""
    if len(wholes) > 1:
        return [(wholes[place], slice(0, length))]
    size = max(1, -(-length // BLOCKS))
    return [(number, slice(start, start + size)) for number, start in enumerate(range(0, length, size))]


class InParts:
    """How often each id occurs, in how many parts, and how often in the part that has most of it."""

    def __init__(self) -> None:
        self._use(np.zeros((5, 0), np.int64))

    def _use(self, table: Ints) -> None:
        self._table = table
        # By id; ``_last`` is its last part, from 1.
        self.counts, self.parts_with, self.most, self._last, self._in_last = table

    @classmethod
    def of(cls, documents: Sequence[Document], encoded: Iterable[npt.NDArray[np.integer]]) -> Self:
        """Return the counts of documents, from the ids of each."""
        wholes, counts = left_out_together(documents), cls()
        for place, document_ids in enumerate(encoded):
            for number, places in slices_of(wholes, place, len(document_ids)):
                counts.add(document_ids[places], number)
        return counts

    def add(self, occurrences: npt.NDArray[np.integer], part: int) -> None:
        """Count a part, or a piece of it, by the id of each of its occurrences (n,)."""
        ids, counts = np.unique(occurrences, return_counts=True)
        self._use(with_room(self._table, int(ids[-1]) + 1 if len(ids) else 0))
        new = self._last[ids] != part + 1
        self._last[ids] = part + 1
        self._in_last[ids] = np.where(new, 0, self._in_last[ids]) + counts
        self.counts[ids] += counts
        self.parts_with[ids] += new
        self.most[ids] = np.maximum(self.most[ids], self._in_last[ids])

    @property
    def surprising(self) -> int:
        """How many of all occurrences would be of an unseen id if their part were left out."""
        return int(self.counts[self.parts_with == 1].sum())


class SymbolsIfRare(NamedTuple):
    """The symbols (n,) that words in a piece of a part would be written with if they were rare, and the words' types.

    ``without`` (n,) says whether the type would be rare if the part were left out, ``begins`` (n,) whether it is the
    first symbol of its word. Types that no part could make rare may be missing.
    """

    part: int
    types: Types
    symbols: Types
    without: Mask
    begins: Mask


def surprising_events(rare: Mask, pieces: Sequence[SymbolsIfRare]) -> int:
    """Return how many events of the text would need a symbol that no rare word has without the event's part.

    Only words that would be rare without their part count. Each symbol of a rare word is an event of the text. A word
    that is not rare is a single one, however many symbols it would be written with.
    """
    types, symbols, without, begins = map(np.concatenate, list(zip(*pieces, strict=True))[1:])
    part_of = np.repeat([piece.part for piece in pieces], [len(piece.types) for piece in pieces])
    is_rare, word_of = rare[types], np.cumsum(begins)
    order = np.argsort(types, kind="stable")
    sorted_types = types[order]
    size = int(symbols.max(initial=-1)) + 1

    def used(numbers: Types) -> Ints:
        return np.bincount(numbers, minlength=size)

    everywhere, surprising = used(symbols[is_rare]), 0
    for part in np.unique(part_of):  # ascending, as the parts follow each other
        here = slice(*np.searchsorted(part_of, [part, part + 1]))
        newly = np.unique(types[here][without[here] & ~is_rare[here]])
        spans = zip(
            np.searchsorted(sorted_types, newly), np.searchsorted(sorted_types, newly, "right"), strict=True
        )
        rows = np.concatenate([order[:0], *(order[start:end] for start, end in spans)])
        elsewhere = used(symbols[rows[part_of[rows] != part]])
        left = everywhere - used(symbols[here][is_rare[here]]) + elsewhere
        new = without[here] & (left[symbols[here]] == 0)
        whole_words = np.unique(word_of[here][new & ~is_rare[here]])
        surprising += int((new & is_rare[here]).sum()) + len(whole_words)
    return surprising


def with_room(table: Ints, size: int) -> Ints:
    """Return a table (rows, n) with room for at least ``size`` columns; new ones are 0."""
    width = table.shape[1]
    return table if size <= width else np.pad(table, ((0, 0), (0, max(size, 2 * width) - width)))


IsRare = Callable[[Ints, Ints], Mask]  # (occurrences, parts with it), by type -> whether it is rare
EXCERPT_CHARACTERS = 5_000_000  # a speller of their words takes half a gigabyte while it is chosen


class WordCounts(InParts):
    """The types of words, numbered in order of appearance, with their counts and usual marks.

    ``is_rare`` must not call a type rare and the same type, with less of it, not rare.
    """

    def __init__(self, is_rare: IsRare) -> None:
        super().__init__()
        self.is_rare = is_rare
        self._numbers: dict[str, int] = {}
        # By side and type: marks where they are due, less missing ones.
        self._balance = np.zeros((2, 0), np.int64)
        self._part = -1
        self._in_pieces: dict[int, tuple[Types, Ints]] = {}  # of each part in several, its types and their counts

    def types(self, words: Words) -> Types:
        """Return the types (n,) of a document's words."""
        numbers = self._numbers
        types = np.array([numbers.setdefault(form, len(numbers)) for form in words.forms], np.int32)
        return types.take(words.at["form"])

    def add_document(self, words: Words, parts: Iterable[Part]) -> None:
        """Count a document in these parts."""
        types = self.types(words)
        for part, places in parts:
            self.add(types[places], part)
            if part == self._part:
                in_part = np.flatnonzero(self._last == part + 1)
                self._in_pieces[part] = in_part.astype(np.int32), self._in_last[in_part]
            self._part = part
        self._balance = with_room(self._balance, len(self._numbers))
        for row, side in enumerate((LEFT, RIGHT)):
            due = (words.at["due"] & side) > 0
            np.add.at(self._balance[row], types[due], np.where(words.at["marks"][due] & side, 1, -1))

    def rare(self) -> Mask:
        """Return by type whether it is rare."""
        return self.is_rare(self.counts, self.parts_with)

    def may_be_rare(self) -> Mask:
        """Return by type whether it is rare or would be if some part with it were left out."""
        return self.is_rare(self.counts - self.most, self.parts_with - 1)

    def without(self, piece: Types, part: int) -> Mask:
        """Return for each word (n,) of a part, or of a piece, whether its type would be rare or unseen without it."""
        types, places, counts = np.unique(piece, return_inverse=True, return_counts=True)
        if part in self._in_pieces:
            part_types, part_counts = self._in_pieces[part]
            counts = part_counts[np.searchsorted(part_types, types)]
        return self.is_rare(self.counts[types] - counts, self.parts_with[types] - 1)[places]

    def usual_marks(self) -> dict[str, int]:
        """Return the words that are not rare, by frequency and name, with their marks in most places where due."""
        marks = (np.array([LEFT, RIGHT]) @ (self._balance > 0)).tolist()
        names, types = list(self._numbers), np.flatnonzero(~self.rare()).tolist()
        types.sort(key=lambda type_: (-self.counts[type_], names[type_]))
        return {names[type_]: marks[type_] for type_ in types}


class TrainingText:
    """The documents as words: ``counts`` has all of them, ``kept`` the words of the excerpt by document number.

    A document that is not kept is cut into words again whenever it is read.
    """

    def __init__(self, documents: Sequence[Document], cut: Callable[[Document], Words], is_rare: IsRare) -> None:
        self.documents, self.cut, self.counts = documents, cut, WordCounts(is_rare)
        self.wholes = left_out_together(documents)  # the number of each document's part
        self.alphabets: list[str] = []  # by whole document, its characters
        self.kept: dict[int, Words] = {}
        excerpt = fitting_places(documents, EXCERPT_CHARACTERS)
        for number, document in enumerate(documents):
            words = cut(document)
            self.counts.add_document(words, slices_of(self.wholes, number, len(words)))
            whole = self.wholes[number]
            self.alphabets[whole:] = ["".join(sorted({*words.text}.union(*self.alphabets[whole:])))]
            if number in excerpt:
                self.kept[number] = words

    def __iter__(self) -> Iterator[tuple[Words, list[Part]]]:
        """Yield the words of every document, with the numbers and words of its parts."""
        for number, document in enumerate(self.documents):
            words = self.kept.get(number) or self.cut(document)
            yield words, slices_of(self.wholes, number, len(words))

    def rare_without(self, number: int) -> Indices:
        """Return the places of a kept document's words that would be rare if its whole document were left out."""
        types = self.counts.types(self.kept[number])
        return np.flatnonzero(self.counts.without(types, self.wholes[number]))
