"""Held-out passages and words, with the bits of each column."""

from typing import Literal

from toolkit.results.bits import PARTS
from toolkit.results.record import Record

CLASSES = PARTS.index("classes")
MOST_EVENTS = 10_000  # of all columns in all passages: about 50 bytes of page each

Why = Literal["middle", "ahead", "behind", "worst", "best", "word"]


class Reading(Record):
    """One column's events in a passage, in order (first seed): the bits of each, and the likeliest alternatives.

    Event i covers ``widths[i]`` characters of the passage; at its ends, an event and its bits are cut. ``ids`` and
    ``likeliest`` are places in ``tokens``, names from the vocabulary. ``bits`` pay for the choice of the event, in the
    part of the ledger ``PARTS[parts[i]]``. ``spelled`` pay for the spelling behind it, in the part ``spelling_part`` or
    in the event's own. ``outside`` pay, in the classes, for the flag that the network predicts the event; the list is
    empty if it predicts everything. ``ranks`` count from 1, and ``probabilities`` of the five likeliest have four
    decimals.
    """

    tokens: list[str]
    ids: list[int]
    widths: list[int]
    bits: list[float]
    spelled: list[float]
    outside: list[float] = []
    spelling_part: int | None
    parts: list[int]
    ranks: list[int]
    likeliest: list[list[int]]
    probabilities: list[list[float]]

    def paid(self) -> list[list[float]]:
        """Return the bits of each event by part of the ledger (events, 5)."""
        table = [[0.0] * len(PARTS) for _ in self.ids]
        for i, amounts in enumerate(table):
            amounts[self.parts[i]] += self.bits[i]
            amounts[self.parts[i] if self.spelling_part is None else self.spelling_part] += self.spelled[i]
            amounts[CLASSES] += self.outside[i] if self.outside else 0.0
        return table


class Passage(Record):
    """The same held-out characters under every column: ``bits[column][i]`` pays for ``text[i]`` (first seed).

    ``why`` is the reason for its place: the "middle" of the first document, or the ``best`` column's place most "ahead"
    of the ``other`` column or most "behind" it, or its "worst" or "best" one. The last reason is a "word", named
    ``about``, with a large difference between the two. ``starts`` are the places of the page's units: a word with its
    space, or the text between words.
    """

    document: str
    start: int
    text: str
    bits: dict[str, list[float]]
    why: Why
    about: str
    best: str
    other: str
    starts: list[int]
    readings: dict[str, Reading]


class WordType(Record):
    """A word of the held-out text: how often it occurs there, and the frequency band of its count in training."""

    text: str
    count: int
    band: str


class WordIntervals(Record):
    """Half of the 95 % interval over documents of two columns' difference in bits, for words of ``WordBits.words``."""

    a: str
    b: str
    words: list[int]
    half_widths: list[float]


class WordBits(Record):
    """Held-out words on which columns differ: ``bits[column][i]`` pays for all of ``words[i]`` (first seed).

    For every two columns it has the ``each_way`` words with the greatest differences in both directions, with
    ``intervals`` if there is more than one document. Joined comparisons have no words. The intervals of two columns
    hold for all ``among`` words of the text together.
    """

    each_way: int
    words: list[WordType]
    bits: dict[str, list[float]]
    intervals: list[WordIntervals]
    among: int
