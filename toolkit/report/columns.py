"""A comparison as the page shows it: its columns over their seeds, each with its colour."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, stdev

from toolkit.report.charts import Rows
from toolkit.report.names import compressor, is_unfolded
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Generated

COLUMNS_ON_ONE_LINE = 4  # of more, dots cannot be distinguished
# Middle tones, distinct in hue and lightness, of 3 : 1 to the paper by day and by night; they repeat after ten columns.
COLOURS = (
    "#3b78c2", "#ce7c29", "#3d9a6b", "#b5569a", "#7f6bd0", "#a78e28", "#2b9cae", "#c9524c", "#7c8793", "#96683f",
)  # fmt: skip


def colour(place: int) -> str:
    """Return the colour of the column in a place, from 0."""
    return COLOURS[place % len(COLOURS)]


@dataclass(frozen=True)
class ColumnResult:
    """The cells of one column, one per seed. Quantities are means over seeds."""

    name: str
    colour: str
    cells: list[Cell]

    @property
    def first(self) -> Cell:
        """The cell of the first seed."""
        return self.cells[0]

    def mean(self, quantity: Callable[[Cell], float]) -> float:
        """Return the mean over seeds."""
        return fmean(map(quantity, self.cells))

    def spread(self, quantity: Callable[[Cell], float]) -> float | None:
        """Return the standard deviation over seeds, if there are several."""
        return stdev(map(quantity, self.cells)) if len(self.cells) > 1 else None

    def part(self, name: str) -> float:
        """Return bits per character of one part of the ledger, or the "total"."""
        return self.mean(lambda cell: getattr(cell.bits_per_character, name))

    @property
    def total(self) -> float:
        """Bits per character."""
        return self.part("total")

    @property
    def bands(self) -> list[tuple[int, float]]:
        """Characters and bits of each frequency band."""
        by_band = zip(*(cell.by_frequency for cell in self.cells), strict=True)
        return [(bands[0].characters, fmean(band.bits for band in bands)) for bands in by_band]

    @property
    def parts_of_speech(self) -> dict[str, tuple[int, float]]:
        """Characters and bits of each part of speech; empty without a tagger."""
        bits = [{part.pos: part.bits for part in cell.by_part_of_speech} for cell in self.cells]
        parts = self.first.by_part_of_speech
        return {part.pos: (part.characters, fmean(pos.get(part.pos, 0.0) for pos in bits)) for part in parts}


class Results:
    """A comparison, and its columns that have a result, in the requested order."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        by_column = comparison.by_column.items()
        self.columns = [ColumnResult(name, colour(i), cells) for i, (name, cells) in enumerate(by_column)]
        self.ranked = sorted(self.columns, key=lambda column: column.total)  # the fewest bits per character first
        self.colours = {column.name: column.colour for column in self.columns}
        self.many = len(self.columns) > COLUMNS_ON_ONE_LINE

    @property
    def best(self) -> ColumnResult:
        """The column, of one or more, with the fewest bits per character."""
        return self.ranked[0]

    @cached_property
    def written(self) -> list[tuple[ColumnResult, Generated]]:
        """The columns that have samples, with these."""
        generated = self.comparison.generated
        return [(column, generated[column.name]) for column in self.columns if column.name in generated]

    @cached_property
    def compressors(self) -> Rows:
        """Name and bits of the compressors that charts show, the fewest bits first."""
        baselines = filter(is_unfolded, self.comparison.baselines)
        rows = [{"name": compressor(baseline), "bits": baseline.bits_per_character} for baseline in baselines]
        return sorted(rows, key=lambda row: row["bits"])
