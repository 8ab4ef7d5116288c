"""A held-out passage cut into runs of equal bits, each with its shade."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby

from toolkit.report.columns import ColumnResult
from toolkit.report.numbers import decimals
from toolkit.results.words import Passage

EDGES = (0.25, 0.5, 1, 2, 3, 4, 6, 8, 11)  # bits per character at which the next shade begins
PASSAGES = 3
SHADED_CHARACTERS = 9_000  # over all passages and columns: about 36 bytes of page each


@dataclass(frozen=True)
class Run:
    """Neighbouring characters with equal charges; line ends have runs of their own."""

    text: str
    bits_per_character: float

    @property
    def classes(self) -> str:
        """Its shade, and a mark for white space that would otherwise be invisible."""
        mark = " nl" if "\n" in self.text else " sp" if self.text.isspace() else ""
        return f"b{bisect_right(EDGES, self.bits_per_character)}{mark}"

    @property
    def title(self) -> str:
        """The bits of the whole run come first, where the page's script reads them."""
        bits = f"{decimals(self.bits_per_character * len(self.text), 2)} bits"
        return bits if len(self.text) == 1 else f"{bits} ({decimals(self.bits_per_character, 2)} per character)"


@dataclass(frozen=True)
class Lane:
    """The passage under one column."""

    column: str
    colour: str
    bits_per_character: float
    runs: list[Run]


@dataclass(frozen=True)
class Shaded:
    """The passage under every column that has bits for it."""

    document: str
    start: int
    characters: int
    shown: int
    lanes: list[Lane]


def runs(text: str, bits: list[float]) -> list[Run]:
    """The text cut where the bits change and at line ends.

    >>> [(run.text, run.bits_per_character) for run in runs("an owl", [1.5, 1.5, 2.0, 2.0, 2.0, 2.0])]
    [('an', 1.5), (' owl', 2.0)]
    """
    pieces = groupby(zip(text, bits, strict=False), key=lambda pair: (pair[1], pair[0] == "\n"))
    return [Run("".join(character for character, _ in piece), value) for (value, _), piece in pieces]


def shaded(passages: list[Passage], columns: list[ColumnResult]) -> list[Shaded]:
    """The first passages, cut so that the page stays small with any number of columns."""
    chosen = passages[:PASSAGES]
    most = max(200, SHADED_CHARACTERS // max(1, len(chosen) * len(columns)))
    cut = []
    for passage in chosen:
        text = passage.text[:most]
        lanes = []
        for column in columns:
            bits = passage.bits.get(column.name, [])[: len(text)]
            if text and len(bits) == len(text):
                lanes.append(Lane(column.name, column.colour, sum(bits) / len(text), runs(text, bits)))
        if lanes:
            cut.append(Shaded(passage.document, passage.start, len(passage.text), len(text), lanes))
    return cut
