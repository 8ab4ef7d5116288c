"""Passages of held-out text as the columns read them: words with their shades, and what the page's script explores.

A unit is a neutral word with the space before it, or what stands between words: the same for every column, whatever
its tokens are.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from toolkit.report.columns import ColumnResult, Results
from toolkit.report.html import cut
from toolkit.results.text import decimals
from toolkit.results.words import MOST_EVENTS, Passage, Reading, Why

EDGES = (1, 2, 4, 6, 9, 12, 16, 20, 26)  # bits of a word at which the next shade begins
GROUPS: dict[Why, str] = {
    "middle": "Chosen before anything was measured",
    "ahead": "Where the two best columns differ most",
    "behind": "Where the two best columns differ most",
    "worst": "Hardest and easiest",
    "best": "Hardest and easiest",
    "word": "Words on which they differ most",
    "document": "A place in each of the longest documents",
}
TITLE_CHARACTERS = 60


@dataclass(frozen=True)
class Unit:
    """A word, or what stands between words, and its bits."""

    text: str
    bits: float

    @property
    def classes(self) -> str:
        """Its shade, and a mark for white space that would otherwise be invisible."""
        mark = " nl" if "\n" in self.text and self.text.isspace() else ""
        return f"b{bisect_right(EDGES, self.bits)}{mark}"

    @property
    def title(self) -> str:
        """Its bits, for a page without its script."""
        return f"{decimals(self.bits, 1)} bits"


@dataclass(frozen=True)
class Lane:
    """A passage under one column."""

    column: ColumnResult
    bits_per_character: float
    units: list[Unit]


def units(passage: Passage, column: str) -> list[Unit]:
    """The units of a passage, with what a column paid for each.

    >>> passage = Passage.model_construct(text="an owl.", bits={"char": [1.0] * 7}, starts=[0, 2, 6])
    >>> [(unit.text, unit.bits) for unit in units(passage, "char")]
    [('an', 2.0), (' owl', 4.0), ('.', 1.0)]
    """
    bits = passage.bits[column]
    return [Unit(passage.text[a:b], sum(bits[a:b])) for a, b in pairwise([*passage.starts, len(passage.text)])]


def known(results: Results) -> list[ColumnResult]:
    """The columns that have read all passages, the best first."""
    passages = results.comparison.passages
    return [column for column in results.ranked if all(is_read(passage, column.name) for passage in passages)]


def is_read(passage: Passage, column: str) -> bool:
    """Whether a column has a reading of a passage, and bits for all its characters."""
    return column in passage.readings and len(passage.bits.get(column, [])) == len(passage.text) > 0


def held(passages: list[Passage]) -> list[Passage]:
    """The passages that the page has room for: the first, and others as long as their events are not too many."""
    events = accumulate(sum(len(reading.ids) for reading in passage.readings.values()) for passage in passages)
    return [passage for i, (passage, n) in enumerate(zip(passages, events, strict=True)) if i == 0 or n <= MOST_EVENTS]


def lanes(results: Results) -> list[Lane]:
    """The first passage under the best column and the next one: what is shown without a script."""
    return [
        Lane(column, sum(passage.bits[column.name]) / len(passage.text), units(passage, column.name))
        for passage in results.comparison.passages[:1]
        for column in known(results)[:2]
    ]


def title(passage: Passage) -> str:
    """Why a passage is shown, in a few words, of the columns that it was chosen by."""
    best, other = passage.best, passage.other
    said: dict[Why, str] = {
        "middle": f"the middle of {passage.document}",
        "ahead": f"{best} most ahead of {other}",
        "behind": f"{best} most behind {other}",
        "worst": f"hardest for {best}",
        "best": f"easiest for {best}",
        "word": f"“{passage.about}”{cheaper(passage)}",
        "document": passage.about,
    }
    return cut(said[passage.why], TITLE_CHARACTERS)


def cheaper(passage: Passage) -> str:
    """Name the column that pays less for the passage's word; empty if that is unknown."""
    if (place := word_at(passage)) is None:
        return ""
    ours, theirs = (units(passage, column)[place].bits for column in (passage.best, passage.other))
    return f": {passage.best if ours < theirs else passage.other} pays less"


def word_at(passage: Passage) -> int | None:
    """The place among the units of the word that a passage is about, where the two columns differ most."""
    both = [units(passage, name) for name in (passage.best, passage.other) if name in passage.bits]
    if passage.why != "word" or len(both) < 2:
        return None
    apart = {
        i: abs(a.bits - b.bits) for i, (a, b) in enumerate(zip(*both, strict=True)) if a.text.strip() == passage.about
    }
    return max(apart, key=apart.__getitem__, default=None)


def explored(results: Results) -> dict[str, Any] | None:
    """What the page's script shows; None if no column has bits for the passages."""
    passages, ranked = results.comparison.passages, known(results)
    if not passages or not ranked:
        return None
    return {
        "columns": [{"name": column.name, "colour": column.colour} for column in ranked],
        "edges": EDGES,
        "passages": [
            {
                "title": title(passage),
                "group": GROUPS[passage.why],
                "at": word_at(passage),
                "document": passage.document,
                "start": passage.start,
                "text": passage.text,
                "starts": passage.starts,
                "bits": [[round(unit.bits, 3) for unit in units(passage, column.name)] for column in ranked],
                "readings": [packed(passage.readings[column.name]) for column in ranked],
            }
            for passage in held(passages)
        ],
    }


def packed(reading: Reading) -> dict[str, Any]:
    """A reading in few characters: what each event paid as part, bits, part, …; the likeliest as token, percent, …"""
    return {
        "tokens": reading.tokens,
        "ids": reading.ids,
        "widths": reading.widths,
        "paid": [
            [x for part, bits in enumerate(amounts) if bits for x in (part, round(bits, 3))]
            for amounts in reading.paid()
        ],
        "ranks": reading.ranks,
        "likeliest": [
            [
                x
                for id_, share in zip(ids, shares, strict=True)
                if (percent := round(100 * share))
                for x in (id_, percent)
            ]
            for ids, shares in zip(reading.likeliest, reading.probabilities, strict=True)
        ],
    }
