"""Which word types are rare in a text of several parts, and which would be if one of the parts were left out.

Types are numbers from 0; a part is the types (n,) of its words, in order, or comes in several pieces of this kind.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Types = npt.NDArray[np.int32]
Array = TypeVar("Array", bound=npt.NDArray[np.integer])
IsRare = Callable[[Ints, Ints], npt.NDArray[np.bool_]]  # (occurrences, parts with it), by type -> whether it is rare


class Rarity:
    """How often each type occurs, in how many parts, and how often in the part that has most of it.

    ``is_rare`` must not call a type rare and the same type, with less of it, not rare.
    """

    def __init__(self, is_rare: IsRare) -> None:
        self.is_rare = is_rare
        self.counts, self.parts_with, self.most = (np.zeros(0, np.int64) for _ in range(3))
        self._last, self._in_last = (np.zeros(0, np.int64) for _ in range(2))  # by type, its last part, from 1
        self._part = -1
        self._in_pieces: dict[int, tuple[Types, Ints]] = {}  # of each part in several, its types and their counts

    def add(self, piece: Types, part: int) -> None:
        """Count a part with this number, or a piece of it; the pieces of a part follow each other."""
        types, counts = np.unique(piece, return_counts=True)
        if len(types):
            size = int(types[-1]) + 1
            self.counts, self.parts_with, self.most, self._last, self._in_last = (
                grown(column, size) for column in (self.counts, self.parts_with, self.most, self._last, self._in_last)
            )
        new = self._last[types] != part + 1
        self._last[types] = part + 1
        self._in_last[types] = np.where(new, 0, self._in_last[types]) + counts
        self.counts[types] += counts
        self.parts_with[types] += new
        self.most[types] = np.maximum(self.most[types], self._in_last[types])
        if part == self._part:
            of_part = np.flatnonzero(self._last == part + 1)
            self._in_pieces[part] = of_part.astype(np.int32), self._in_last[of_part]
        self._part = part

    def rare(self) -> npt.NDArray[np.bool_]:
        """By type, whether it is rare."""
        return self.is_rare(self.counts, self.parts_with)

    def may_be_rare(self) -> npt.NDArray[np.bool_]:
        """By type, whether it is rare or would be if some part with it were left out."""
        return self.is_rare(self.counts - self.most, self.parts_with - 1)

    def without(self, piece: Types, part: int) -> npt.NDArray[np.bool_]:
        """For each word (n,) of a part, or of a piece of it, whether its type would be rare or unseen if the part were
        left out.
        """
        types, places, counts = np.unique(piece, return_inverse=True, return_counts=True)
        if part in self._in_pieces:
            of_part, in_part = self._in_pieces[part]
            counts = in_part[np.searchsorted(of_part, types)]
        return self.is_rare(self.counts[types] - counts, self.parts_with[types] - 1)[places]

    def by_frequency(self, names: Sequence[str]) -> list[int]:
        """The types that are not rare, by frequency; equally frequent ones in the order of their names."""
        kept = np.flatnonzero(~self.rare()).tolist()
        return sorted(kept, key=lambda type_: (-self.counts[type_], names[type_]))


class Symbols(NamedTuple):
    """The symbols (n,) that words of a part would be written with if they were rare, and the words' types (n,).

    ``without`` (n,) says whether the type would be rare if the part were left out, ``begins`` (n,) whether it is the
    first symbol of its word. Types that no part could make rare may be missing.
    """

    types: Types
    symbols: Types
    without: npt.NDArray[np.bool_]
    begins: npt.NDArray[np.bool_]


def surprising_events(rarity: Rarity, parts: Sequence[Symbols]) -> int:
    """How many events of the text would need a symbol that, without the event's part, no rare word would have.

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

    def used(of: Types) -> Ints:
        return np.bincount(of, minlength=size)

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


def grown(column: Array, size: int) -> Array:
    """A column (n, …) with room for at least ``size`` rows; new ones are 0.

    >>> grown(np.ones(2, int), 3).tolist()
    [1, 1, 0, 0]
    """
    if len(column) >= size:
        return column
    more = max(size, 2 * len(column)) - len(column)
    return np.concatenate([column, np.zeros((more, *column.shape[1:]), column.dtype)])  # type: ignore[return-value]
