"""A comparison as the page shows it: its columns over their seeds, each with its colour."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite, log2
from statistics import fmean, stdev
from typing import Self

from toolkit.results.bits import BANDS
from toolkit.results.cell import Cell, HistoryRow
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Generated

# Middle tones, distinct in hue and lightness, of 3 : 1 to the paper by day and by night; they repeat after ten columns.
COLOURS = (
    "#3b78c2", "#ce7c29", "#3d9a6b", "#b5569a", "#7f6bd0", "#a78e28", "#2b9cae", "#c9524c", "#7c8793", "#96683f",
)  # fmt: skip


@dataclass(frozen=True)
class ColumnResult:
    """The cells of one column, one per seed."""

    name: str
    colour: str
    cells: tuple[Cell, ...]

    @property
    def first(self) -> Cell:
        """The cell of the first seed, which passages come from."""
        return self.cells[0]

    def mean(self, quantity: Callable[[Cell], float]) -> float:
        """Mean over seeds."""
        return fmean(quantity(cell) for cell in self.cells)

    def mean_of_exponents(self, quantity: Callable[[Cell], float]) -> float:
        """Of powers of two, that of the mean of their exponents, so that it goes with the mean of the bits."""
        return power_of_two(self.mean(lambda cell: log2(quantity(cell))))

    def spread(self, quantity: Callable[[Cell], float]) -> float | None:
        """Standard deviation over seeds, if there are several."""
        return stdev(quantity(cell) for cell in self.cells) if len(self.cells) > 1 else None

    @property
    def total(self) -> float:
        """Bits per character, mean over seeds."""
        return self.mean(lambda cell: cell.bits_per_character.total)

    def part(self, name: str) -> float:
        """Bits per character of one part of the ledger, mean over seeds."""
        return self.mean(lambda cell: getattr(cell.bits_per_character, name))

    @property
    def bands(self) -> list[tuple[int, float]]:
        """Characters and bits (mean over seeds) of each frequency band."""
        of_seeds = zip(*(cell.by_frequency for cell in self.cells), strict=True)
        return [(first.characters, fmean(of.bits for of in (first, *others))) for first, *others in of_seeds]

    @property
    def parts_of_speech(self) -> list[str]:
        """The parts of speech of the held-out text, the same for every column; empty without a tagger."""
        return [part.pos for part in self.first.by_part_of_speech]

    def part_of_speech(self, index: int) -> tuple[int, float]:
        """Characters and bits (mean over seeds) of one part of speech."""
        name, characters = self.parts_of_speech[index], self.first.by_part_of_speech[index].characters
        return characters, self.mean(lambda cell: sum(of.bits for of in cell.by_part_of_speech if of.pos == name))


@dataclass(frozen=True)
class WrittenColumn(ColumnResult):
    """A column with samples."""

    generated: Generated


def colour(place: int) -> str:
    """The colour of the column in a place, from 0."""
    return COLOURS[place % len(COLOURS)]


def columns(comparison: Comparison) -> list[ColumnResult]:
    """The columns that have a result, in the requested order."""
    return [ColumnResult(name, colour(i), tuple(cells)) for i, (name, cells) in enumerate(comparison.by_column.items())]


@dataclass(frozen=True)
class Results:
    """A comparison, and its columns that have a result."""

    comparison: Comparison
    columns: list[ColumnResult]

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        """Those of a comparison."""
        return cls(comparison, columns(comparison))

    @cached_property
    def written(self) -> list[WrittenColumn]:
        """The columns that have samples."""
        generated = self.comparison.generated
        return [
            WrittenColumn(column.name, column.colour, column.cells, generated[column.name])
            for column in self.columns
            if column.name in generated
        ]

    @cached_property
    def ranked(self) -> list[ColumnResult]:
        """The columns, the fewest bits per character first."""
        return sorted(self.columns, key=lambda column: column.total)

    @property
    def best(self) -> ColumnResult:
        """The column, of one or more, with the fewest bits per character."""
        return self.ranked[0]


def power_of_two(exponent: float) -> float:
    """2 to this power; infinite beyond the largest float."""
    return 2**exponent if exponent < sys.float_info.max_exp else inf


def best_check(cell: Cell) -> HistoryRow:
    """The check of training with the fewest bits of the validation text."""
    return min(cell.history, key=lambda row: row.valid_bits_per_character)


def word_perplexity(cell: Cell) -> float:
    """Its perplexity per word; infinite if that exceeds what a float holds, for which the cell has the largest one."""
    return inf if cell.word_perplexity >= sys.float_info.max else cell.word_perplexity


def characters_per_word(columns: list[ColumnResult]) -> float | None:
    """Characters per word of the held-out text, from the definition of word perplexity: 2^(bits · N / words).

    None if no column has one that a float holds.
    """
    for column in columns:
        measured, total = word_perplexity(column.first), column.first.bits_per_character.total
        if measured > 1 and isfinite(measured) and total > 0:
            return log2(measured) / total
    return None


Rates = list[tuple[str, list[tuple[int, float]]]]


def parts_of_speech(columns: list[ColumnResult]) -> Rates:
    """Each part of speech, with its characters and bits in each column; the most characters first.

    What is not a word comes last.
    """
    names = columns[0].parts_of_speech
    rates = [(name, [column.part_of_speech(i) for column in columns]) for i, name in enumerate(names)]
    return sorted(rates, key=lambda part: (part[0] == BANDS[-1], -part[1][0][0]))
