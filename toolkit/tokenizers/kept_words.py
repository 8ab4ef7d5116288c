"""The words that have ids of their own: found in a text, with the marks and the case that are written before them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from toolkit.events.encoding import SPACING, WORDS, Ids
from toolkit.text.casing import fold
from toolkit.text.segmentation import SIDES, Segments, is_word

FIRST_MARK = 1  # the id of the mark for no side; those of the other SIDES follow
MARKS = {sides: FIRST_MARK + number for number, sides in enumerate(SIDES)}
UNKNOWN = -1  # instead of an id
CASE_BITS = 4  # that the id of a case takes


class Found(NamedTuple):
    """By word of a text (n,): its id, or ``UNKNOWN``; the ids of the mark and of the case before it, or 0 for none."""

    ids: Ids
    marks: Ids
    cases: Ids


class Codes(dict[str, int]):
    """By a word's text, its id and its case's in one number, or ``UNKNOWN``; with ``cases``, types are folded texts."""

    def __init__(self, ids: Mapping[str, int], cases: Mapping[str, int]) -> None:
        super().__init__({} if cases else {text: id_ << CASE_BITS for text, id_ in ids.items()})
        self._ids, self._cases = ids, cases

    def __missing__(self, text: str) -> int:
        if not self._cases:
            return UNKNOWN
        type_, case = fold(text)
        if type_ not in self._ids:
            return UNKNOWN
        code = self[text] = self._ids[type_] << CASE_BITS | self._cases[case]
        return code


class KeptWords:
    """The kept words, whose ids begin with ``first``, and what is usual for each: its sides with marks, its case.

    What is usual is not written. ``cases`` has the ids of cases, or nothing if case is not told apart.
    """

    def __init__(
        self,
        words: Sequence[str],
        first: int,
        usual_marks: Mapping[str, str],
        usual_cases: Mapping[str, str],
        cases: Mapping[str, int],
    ) -> None:
        self.ids = {word: id_ for id_, word in enumerate(words, first)}
        self._codes = Codes(self.ids, cases)
        nothing = np.zeros(first, np.int32)  # for the ids before the first
        self._marks = np.append(nothing, [MARKS[usual_marks.get(word, "")] for word in words]).astype(np.int32)
        self._cases = np.append(nothing, [cases.get(usual_cases.get(word, "lower"), 0) for word in words])
        self.parts = np.append(nothing, [WORDS if is_word(word) else SPACING for word in words]).astype(np.int8)

    def find(self, segments: Segments) -> Found:
        """The kept words of a text."""
        codes = np.fromiter(map(self._codes.__getitem__, segments.texts), np.int32, len(segments))
        ids, cases = codes >> CASE_BITS, codes & ((1 << CASE_BITS) - 1)
        known = ids != UNKNOWN
        usual = self._marks[ids * known]
        marks = FIRST_MARK + ((segments.marks & segments.due) | ((usual - FIRST_MARK) & ~segments.due))
        unusual = cases != self._cases[ids * known]
        return Found(ids, np.where(known & (marks != usual), marks, 0), np.where(known & unusual, cases, 0))
