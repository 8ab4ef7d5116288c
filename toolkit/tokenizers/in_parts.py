"""The parts of a training text that are left out of it in turn, and in how many of them ids occur."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.rarity import Ints
from toolkit.text.corpus import Document, left_out_together
from toolkit.text.splits import slices


class Part(NamedTuple):
    """Some of a document: a part that is left out at once, or a piece of one, as others of its number are."""

    number: int
    places: slice


class Parts:
    """What of the documents is left out at once: each whole one, or slices of a single one."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.wholes = left_out_together(documents)

    def of(self, place: int, length: int) -> list[Part]:
        """The parts of the document at this place, which is so long."""
        if len(self.wholes) > 1:
            return [Part(self.wholes[place], slice(0, length))]
        return [Part(number, slice(part.start, part.stop)) for number, part in enumerate(slices(range(length)))]


class InParts:
    """How often each of so many ids occurs, and in how many parts."""

    def __init__(self, ids: int) -> None:
        self.counts, self._parts_with, self._last = (np.zeros(ids, np.int64) for _ in range(3))  # parts are from 1

    @classmethod
    def of(cls, documents: Sequence[Document], encoded: Iterable[npt.NDArray[np.integer]], ids: int) -> Self:
        """Those of the documents, given the ids of each."""
        parts, found = Parts(documents), cls(ids)
        for place, of_document in enumerate(encoded):
            for number, places in parts.of(place, len(of_document)):
                found.add(np.bincount(of_document[places]), number)
        return found

    def add(self, here: Ints, part: int) -> None:
        """Count a part with this number, or a piece of it, by how often each id (n,) occurs here.

        The pieces of a part follow each other; ids from n on do not occur.
        """
        ids = np.flatnonzero(here)
        self.counts[ids] += here[ids]
        self._parts_with[ids] += self._last[ids] != part + 1
        self._last[ids] = part + 1

    @property
    def surprising(self) -> int:
        """How many of all occurrences would be of an unseen id if their part were left out."""
        return int(self.counts[self._parts_with == 1].sum())
