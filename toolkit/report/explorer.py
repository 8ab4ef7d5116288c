"""Passages of held-out text as the columns read them: words with their shades, and the data of the page's script.

A unit is a neutral word with the space before it, or the text between words: the same for every column.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from toolkit.report.columns import ColumnResult, Results
from toolkit.report.names import PART_COLOURS, PART_NAMES
from toolkit.results.bits import PARTS
from toolkit.results.text import cut
from toolkit.results.words import MOST_EVENTS, Passage, Reading, Why

SHADE_EDGES = (1, 2, 4, 6, 9, 12, 16, 20, 26)  # bits of a word at which the next shade begins
TITLE_CHARACTERS = 60
LABELS: dict[Why, tuple[str, str]] = {  # of a passage: its group, and its title
    "middle": ("Chosen before anything was measured", "the middle of {p.document}"),
    "ahead": ("Where the two best columns differ most", "{p.best} most ahead of {p.other}"),
    "behind": ("Where the two best columns differ most", "{p.best} most behind {p.other}"),
    "worst": ("Hardest and easiest", "hardest for {p.best}"),
    "best": ("Hardest and easiest", "easiest for {p.best}"),
    "word": ("Words on which they differ most", "“{p.about}”"),
    "document": ("A place in each of the longest documents", "{p.about}"),
}


@dataclass(frozen=True)
class Unit:
    """A word or the text between words, and its bits."""

    text: str
    bits: float

    @property
    def shade(self) -> int:
        """The number of the shade, from 0."""
        return bisect_right(SHADE_EDGES, self.bits)


def passages(results: Results) -> dict[str, Any]:
    """Return the facts and the data of the section: without a script it shows the first passage under two columns."""
    kept, readers = results.comparison.passages, readers_of_all(results)
    parts = [[PART_NAMES[part], PART_COLOURS[part]] for part in PARTS]
    explored = explorer_data(kept, readers) if kept and readers else None
    return {
        "passage": kept[0] if kept else None,
        "lanes": [(column, units(kept[0], column.name)) for column in readers[:2] if kept],
        "readers": readers,
        "edges": SHADE_EDGES,
        "data": {"explorer": explored, "parts": parts},
    }


def units(passage: Passage, column: str) -> list[Unit]:
    """Return the units of a passage with the bits that a column paid for each.

    >>> passage = Passage.model_construct(text="an owl.", bits={"char": [1.0] * 7}, starts=[0, 2, 6])
    >>> [(unit.text, unit.bits) for unit in units(passage, "char")]
    [('an', 2.0), (' owl', 4.0), ('.', 1.0)]
    """
    bits = passage.bits[column]
    return [Unit(passage.text[a:b], sum(bits[a:b])) for a, b in pairwise([*passage.starts, len(passage.text)])]


def readers_of_all(results: Results) -> list[ColumnResult]:
    """Return the columns that have read every passage, and paid bits for all its characters, the best first."""

    def has_read(column: str, passage: Passage) -> bool:
        return column in passage.readings and len(passage.bits.get(column, [])) == len(passage.text) > 0

    return [c for c in results.ranked if all(has_read(c.name, passage) for passage in results.comparison.passages)]


def title(passage: Passage) -> str:
    """Return the title of a passage; one about a word names the column that pays less for it."""
    text = LABELS[passage.why][1].format(p=passage)
    if (place := word_at(passage)) is not None:
        cheapest = min((passage.best, passage.other), key=lambda column: units(passage, column)[place].bits)
        text += f": {cheapest} pays less"
    return cut(text, TITLE_CHARACTERS)


def word_at(passage: Passage) -> int | None:
    """Return the place among the units of the word that a passage is about, where its two columns differ most."""
    if passage.why != "word" or not {passage.best, passage.other} <= passage.bits.keys():
        return None
    pairs = zip(units(passage, passage.best), units(passage, passage.other), strict=True)
    apart = {i: abs(a.bits - b.bits) for i, (a, b) in enumerate(pairs) if a.text.strip() == passage.about}
    return max(apart, key=apart.__getitem__, default=None)


def explorer_data(passages: list[Passage], columns: list[ColumnResult]) -> dict[str, Any]:
    """Return the data of the script: the first passage, and the others as long as their events are not too many."""
    events = accumulate(sum(len(reading.ids) for reading in passage.readings.values()) for passage in passages)
    return {
        "columns": [{"name": column.name, "colour": column.colour} for column in columns],
        "edges": SHADE_EDGES,
        "passages": [
            {
                "title": title(passage),
                "group": LABELS[passage.why][0],
                "at": word_at(passage),
                "document": passage.document,
                "start": passage.start,
                "text": passage.text,
                "starts": passage.starts,
                "bits": [[round(unit.bits, 3) for unit in units(passage, column.name)] for column in columns],
                "readings": [packed(passage.readings[column.name]) for column in columns],
            }
            for i, (passage, count) in enumerate(zip(passages, events, strict=True))
            if i == 0 or count <= MOST_EVENTS
        ],
    }


def packed(reading: Reading) -> dict[str, Any]:
    """Return a reading in few characters.

    ``paid`` lists part, bits, part, … of each event; ``likeliest`` lists token, percent, token, …
    """
    guesses = [zip(*pair, strict=True) for pair in zip(reading.likeliest, reading.probabilities, strict=True)]
    percents = [[(id_, round(100 * probability)) for id_, probability in guess] for guess in guesses]
    return {
        "tokens": reading.tokens,
        "ids": reading.ids,
        "widths": reading.widths,
        "paid": [
            [x for part, bits in enumerate(paid) if bits for x in (part, round(bits, 3))] for paid in reading.paid()
        ],
        "ranks": reading.ranks,
        "likeliest": [[x for id_, percent in guess if percent for x in (id_, percent)] for guess in percents],
    }
