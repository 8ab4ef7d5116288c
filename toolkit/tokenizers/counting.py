"""Counts of ids by document, and estimates for each document by leaving it out.

Ids and types are numbers from 0. A part of the training text is left out at once: a document, which may come in several
pieces that follow each other, or a slice of a single document.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.base import Symbol
from toolkit.text.corpus import Document, left_out_together
from toolkit.text.splits import slices

Ints = npt.NDArray[np.int64]
Types = npt.NDArray[np.int32]
Array = TypeVar("Array", bound=npt.NDArray[np.integer])
Part = tuple[int, slice]  # the number of a part, and the places of a document's words that are in it
IsRare = Callable[[Ints, Ints], npt.NDArray[np.bool_]]  # (occurrences, parts with it), by type -> whether it is rare


class Parts:
    """The parts of a training text: ``wholes`` has the number of each document's part."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.wholes = left_out_together(documents)

    def of(self, place: int, length: int) -> list[Part]:
        """Return the parts of the document at this place, whose words are ``length`` many."""
        if len(self.wholes) > 1:
            return [(self.wholes[place], slice(0, length))]
        return [(number, slice(part.start, part.stop)) for number, part in enumerate(slices(range(length)))]


class InParts:
    """How often each id occurs, in how many parts, and how often in the part that has most of it."""

    def __init__(self, ids: int = 0) -> None:
        self.counts, self.parts_with, self.most = (np.zeros(ids, np.int64) for _ in range(3))
        self._last, self._in_last = (np.zeros(ids, np.int64) for _ in range(2))  # by id, its last part, from 1

    @classmethod
    def of(cls, documents: Sequence[Document], encoded: Iterable[npt.NDArray[np.integer]], ids: int) -> Self:
        """Return the counts of documents, from the ids of each."""
        parts, counts = Parts(documents), cls(ids)
        for place, document_ids in enumerate(encoded):
            for number, places in parts.of(place, len(document_ids)):
                counts.add(np.bincount(document_ids[places]), number)
        return counts

    def add(self, occurrences: Ints, part: int) -> None:
        """Count a part, or a piece of it, by how often each id (n,) occurs; other ids do not."""
        ids = np.flatnonzero(occurrences)
        self.add_ids(ids, occurrences[ids], part)

    def add_ids(self, ids: npt.NDArray[np.integer], counts: Ints, part: int) -> None:
        """Count a part, or a piece of it, by the counts of these ids."""
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


class Rarity(InParts):
    """Which types are rare, and which would be if a part were left out.

    ``is_rare`` must not call a type rare and the same type, with less of it, not rare.
    """

    def __init__(self, is_rare: IsRare) -> None:
        super().__init__()
        self.is_rare = is_rare
        self._part = -1
        self._in_pieces: dict[int, tuple[Types, Ints]] = {}  # of each part in several, its types and their counts

    def add_words(self, piece: Types, part: int) -> None:
        """Count a part, or a piece of it, by the types of its words."""
        types, counts = np.unique(piece, return_counts=True)
        if len(types):
            size = int(types[-1]) + 1
            self.counts, self.parts_with, self.most, self._last, self._in_last = (
                with_room(column, size)
                for column in (self.counts, self.parts_with, self.most, self._last, self._in_last)
            )
        self.add_ids(types, counts, part)
        if part == self._part:
            in_part = np.flatnonzero(self._last == part + 1)
            self._in_pieces[part] = in_part.astype(np.int32), self._in_last[in_part]
        self._part = part

    def rare(self) -> npt.NDArray[np.bool_]:
        """Return by type whether it is rare."""
        return self.is_rare(self.counts, self.parts_with)

    def may_be_rare(self) -> npt.NDArray[np.bool_]:
        """Return by type whether it is rare or would be if some part with it were left out."""
        return self.is_rare(self.counts - self.most, self.parts_with - 1)

    def without(self, piece: Types, part: int) -> npt.NDArray[np.bool_]:
        """Return for each word (n,) of a part, or of a piece, whether its type would be rare or unseen without it."""
        types, places, counts = np.unique(piece, return_inverse=True, return_counts=True)
        if part in self._in_pieces:
            part_types, part_counts = self._in_pieces[part]
            counts = part_counts[np.searchsorted(part_types, types)]
        return self.is_rare(self.counts[types] - counts, self.parts_with[types] - 1)[places]


class Symbols(NamedTuple):
    """The symbols (n,) that words of a part would be written with if they were rare, and the words' types (n,).

    ``without`` (n,) says whether the type would be rare if the part were left out, ``begins`` (n,) whether it is the
    first symbol of its word. Types that no part could make rare may be missing.
    """

    types: Types
    symbols: Types
    without: npt.NDArray[np.bool_]
    begins: npt.NDArray[np.bool_]


class Tally:
    """The events of the training text, added document by document.

    ``before`` is the number of ids before the symbols: ``<doc>``, marks and cases.
    """

    def __init__(self, rarity: Rarity, before: int, symbols: Sequence[Symbol]) -> None:
        self.rarity = rarity
        self.candidates = rarity.may_be_rare()  # by type: whether its symbols matter
        self.inside = [number for number, symbol in enumerate(symbols) if not symbol.outside]
        self.outside = [number for number, symbol in enumerate(symbols) if symbol.outside]
        self.kept_words = 0
        self.marks = InParts(before)  # marks and cases, by id
        self.symbols = np.zeros(len(symbols), np.int64)  # of words that are not kept, by number
        self._written: dict[int, list[Symbols]] = {}  # by part, of each of its pieces

    def add(
        self,
        types: Types,
        unknown: npt.NDArray[np.bool_],
        marks: npt.NDArray[np.integer],
        written: tuple[Types, npt.NDArray[np.integer]],
        parts: Sequence[Part],
    ) -> None:
        """Count a document's words in these parts.

        Args:
            types: The type (n,) of each word.
            unknown: Whether each word (n,) is not kept.
            marks: The ids of the mark and of the case (2, n) before each word, or 0.
            written: The symbols (m,) of the words that are not kept or are candidates, and the places (m,) of these.
            parts: Numbers and words of the document's parts.
        """
        symbols, places = written
        self.symbols += np.bincount(symbols[unknown[places]], minlength=len(self.symbols))
        self.kept_words += int((~unknown).sum())
        for number, words in parts:
            occurrences = np.bincount(marks[:, words].ravel())
            occurrences[:1] = 0  # words without them
            self.marks.add(occurrences, number)
            within = np.isin(symbols, self.inside) & (places >= words.start) & (places < words.stop)
            place = places[within]
            without = self.rarity.without(types[words], number)[place - words.start]
            piece = Symbols(types[place], symbols[within], without, np.diff(place, prepend=-1) > 0)
            self._written.setdefault(number, []).append(piece)

    @property
    def events(self) -> int:
        """All events but the ends of documents."""
        return self.kept_words + int(self.marks.counts.sum() + self.symbols.sum())

    @property
    def surprises(self) -> int:
        """How many events would be a surprise to the network if their part were left out."""
        written = [Symbols(*map(np.concatenate, zip(*pieces, strict=True))) for pieces in self._written.values()]
        return self.marks.surprising + surprising_events(self.rarity, written)


def surprising_events(rarity: Rarity, parts: Sequence[Symbols]) -> int:
    """Return how many events of the text would need a symbol that no rare word has without the event's part.

    Without a part, a type has only its occurrences elsewhere, which decide whether it is rare; only words that would be
    rare without their part count. Each symbol of a rare word is an event of the text. A word that is not rare is a
    single one, however many symbols it would be written with.
    """
    rare = rarity.rare()
    types, symbols = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
    part_of = np.repeat(np.arange(len(parts)), [len(part.types) for part in parts])
    size = int(symbols.max(initial=-1)) + 1
    order = np.argsort(types, kind="stable")
    sorted_types = types[order]

    def used(numbers: Types) -> Ints:
        return np.bincount(numbers, minlength=size)

    everywhere, surprising = used(symbols[rare[types]]), 0
    for number, part in enumerate(parts):
        newly = np.unique(part.types[part.without & ~rare[part.types]])
        spans = zip(np.searchsorted(sorted_types, newly), np.searchsorted(sorted_types, newly, "right"), strict=True)
        rows = np.concatenate([order[:0], *(order[start:end] for start, end in spans)])
        elsewhere = rows[part_of[rows] != number]
        left = everywhere - used(part.symbols[rare[part.types]]) + used(symbols[elsewhere])
        new, is_rare = part.without & (left[part.symbols] == 0), rare[part.types]
        whole_words = np.unique(np.cumsum(part.begins)[new & ~is_rare])
        surprising += int((new & is_rare).sum()) + len(whole_words)
    return surprising


def with_room(column: Array, size: int) -> Array:
    """Return a column (n, …) with room for at least ``size`` rows; new ones are 0.

    >>> with_room(np.ones(2, int), 3).tolist()
    [1, 1, 0, 0]
    """
    if len(column) >= size:
        return column
    more = max(size, 2 * len(column)) - len(column)
    return np.concatenate([column, np.zeros((more, *column.shape[1:]), column.dtype)])  # type: ignore[return-value]
