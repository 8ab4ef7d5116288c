"""What is counted of the words of a training text, read document by document.

Distinct texts of words are forms, numbered as they come, and so are types. Where case is folded, several forms are one
type.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.rarity import IsRare, Rarity, Types, grown
from toolkit.text.casing import CASES, fold
from toolkit.text.segmentation import LEFT, RIGHT, Bits, Segments

NO_CASES = ("",)  # where case is not folded
CASE_NAMES = tuple(sorted(CASES))  # the first of several that are equally frequent is the usual one


class Numbered(dict[str, int]):
    """Numbers from 0 for names, in the order in which they are first looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        self.names.append(name)
        return number


class Read(NamedTuple):
    """The n words of a document, and the number of the type and of the case that each has."""

    segments: Segments
    types: Types  # (n,)
    cases: Bits  # (n,): places in the names of cases

    @property
    def places(self) -> Types:
        """0 … n − 1."""
        return np.arange(len(self.types), dtype=np.int32)


class WordCounts:
    """Which types there are, how often they occur, in which cases, and with which marks."""

    def __init__(self, is_rare: IsRare, *, folds: bool) -> None:
        self.rarity = Rarity(is_rare)
        self.folds = folds
        self.cases = CASE_NAMES if folds else NO_CASES
        self._forms = Numbered()
        self._types = Numbered() if folds else self._forms
        self._type_of, self._case_of = np.zeros(0, np.int32), np.zeros(0, np.uint8)  # by form
        self._in_case = np.zeros((0, len(self.cases)), np.int64)  # by type
        self._balance = np.zeros((0, 2), np.int64)  # by type and side: marks where they are due, less missing ones

    @property
    def names(self) -> Sequence[str]:
        """The types' names, by number."""
        return self._types.names

    def read(self, segments: Segments) -> Read:
        """The types and cases of a document's words; new ones are numbered. Each text is in memory once."""
        known = len(self._forms)
        forms = np.fromiter(map(self._forms.__getitem__, segments.texts), np.int32, len(segments))
        segments = replace(segments, texts=[self._forms.names[form] for form in forms.tolist()])
        if not self.folds:
            return Read(segments, forms, np.zeros(len(forms), np.uint8))
        folded = [fold(text) for text in self._forms.names[known:]]
        self._type_of, self._case_of = grown(self._type_of, len(self._forms)), grown(self._case_of, len(self._forms))
        new = slice(known, len(self._forms))
        self._type_of[new] = [self._types[type_] for type_, _ in folded]
        self._case_of[new] = [self.cases.index(case) for _, case in folded]
        return Read(segments, self._type_of[forms], self._case_of[forms])

    def add(self, read: Read, whole: int) -> None:
        """Count a document, or a part of the whole document with this number; parts of one follow each other."""
        self.rarity.add(read.types, whole)
        self._in_case, self._balance = (grown(table, len(self.names)) for table in (self._in_case, self._balance))
        np.add.at(self._in_case, (read.types, read.cases), 1)
        for column, side in enumerate((LEFT, RIGHT)):
            due = (read.segments.due & side) > 0
            there = (read.segments.marks[due] & side) > 0
            np.add.at(self._balance[:, column], read.types[due], np.where(there, 1, -1))

    def usual_marks(self) -> Bits:
        """By type, the sides on which it has marks in more than half of the occurrences where they are due."""
        return ((self._balance > 0) @ np.array([LEFT, RIGHT], np.uint8)).astype(np.uint8)

    def usual_cases(self) -> npt.NDArray[np.int64]:
        """By type, the place in ``cases`` of its most frequent case."""
        usual: npt.NDArray[np.int64] = self._in_case.argmax(1)
        return usual
