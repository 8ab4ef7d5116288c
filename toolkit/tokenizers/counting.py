"""Counts of ids by part of the training text, and estimates for each part by leaving it out.

Ids and types are numbers from 0. A part is left out at once: a document, which may come in several pieces that follow
each other, or a slice of a single document.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.text.corpus import Document, left_out_together
from toolkit.text.splits import BLOCKS

Ints = npt.NDArray[np.int64]
Types = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Part = tuple[int, slice]  # the number of a part, and the places of a document's words that are in it


class Parts:
    """The parts of a training text: ``wholes`` has the number of each document's part."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.wholes = left_out_together(documents)

    def of(self, place: int, length: int) -> list[Part]:
        """Return the parts of the document at this place, whose words are ``length`` many."""
        if len(self.wholes) > 1:
            return [(self.wholes[place], slice(0, length))]
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
        parts, counts = Parts(documents), cls()
        for place, document_ids in enumerate(encoded):
            for number, places in parts.of(place, len(document_ids)):
                counts.add(np.bincount(document_ids[places]), number)
        return counts

    def add(self, occurrences: Ints, part: int) -> None:
        """Count a part, or a piece of it, by how often each id (n,) occurs."""
        ids = np.flatnonzero(occurrences)
        self.add_ids(ids, occurrences[ids], part)

    def add_ids(self, ids: npt.NDArray[np.integer], counts: Ints, part: int) -> None:
        """Count a part, or a piece of it, by the counts of these ids, ascending."""
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


class Written(NamedTuple):
    """The symbols (n,) that words in a piece of a part would be written with if they were rare, and the words' types.

    ``without`` (n,) says whether the type would be rare if the part were left out, ``begins`` (n,) whether it is the
    first symbol of its word. Types that no part could make rare may be missing.
    """

    part: int
    types: Types
    symbols: Types
    without: Mask
    begins: Mask


def surprising_events(rare: Mask, pieces: Sequence[Written]) -> int:
    """Return how many events of the text would need a symbol that no rare word has without the event's part.

    Without a part, a type has only its occurrences elsewhere, which decide whether it is ``rare``; only words that
    would be rare without their part count. Each symbol of a rare word is an event of the text. A word that is not rare
    is a single one, however many symbols it would be written with.
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
        spans = zip(np.searchsorted(sorted_types, newly), np.searchsorted(sorted_types, newly, "right"), strict=True)
        rows = np.concatenate([order[:0], *(order[start:end] for start, end in spans)])
        elsewhere = used(symbols[rows[part_of[rows] != part]])
        left = everywhere - used(symbols[here][is_rare[here]]) + elsewhere
        new = without[here] & (left[symbols[here]] == 0)
        whole_words = np.unique(word_of[here][new & ~is_rare[here]])
        surprising += int((new & is_rare[here]).sum()) + len(whole_words)
    return surprising


def with_room(table: Ints, size: int) -> Ints:
    """Return a table (rows, n) with room for at least ``size`` columns; new ones are 0.

    >>> with_room(np.ones((1, 2), int), 3).tolist()
    [[1, 1, 0, 0]]
    """
    width = table.shape[1]
    return table if size <= width else np.pad(table, ((0, 0), (0, max(size, 2 * width) - width)))
