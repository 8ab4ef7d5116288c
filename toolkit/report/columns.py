"""A column of the comparison over its seeds, and the names of what is compared."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, log2
from statistics import fmean, stdev

from toolkit.results import Baseline, Cell, Comparison

# Middle tones, told apart by hue and by lightness, on white as on black; they repeat after ten columns.
COLOURS = (
    "#3b78c2", "#d9822b", "#3d9a6b", "#b5569a", "#7f6bd0", "#b0962a", "#2b9cae", "#c9524c", "#7c8793", "#96683f",
)  # fmt: skip
COMPRESSORS = {
    "xz": "xz", "bz2": "bzip2", "zstd": "zstd", "ppmd": "PPMd", "char_ngram": "character n-gram",
    "word_ngram": "word n-gram",
}  # fmt: skip
VARIANTS = {
    "cold": "having seen nothing before",
    "primed": "after the training text, learning on from one held-out document to the next",
    "adapting": "after reading the training text and learning on as it goes",
}


@dataclass(frozen=True)
class ColumnResult:
    """The cells of one column that were trained on the most text, one per seed."""

    name: str
    colour: str
    cells: tuple[Cell, ...]

    @property
    def first(self) -> Cell:
        """The cell of the first seed: passages, samples and measures are its."""
        return self.cells[0]

    def mean(self, of: Callable[[Cell], float]) -> float:
        """Mean over seeds."""
        return fmean(of(cell) for cell in self.cells)

    def spread(self, of: Callable[[Cell], float]) -> float | None:
        """Standard deviation over seeds, where there are several."""
        return stdev(of(cell) for cell in self.cells) if len(self.cells) > 1 else None

    @property
    def total(self) -> float:
        """Bits per character, mean over seeds."""
        return self.mean(lambda cell: cell.bits_per_character.total)

    def part(self, name: str) -> float:
        """Bits per character of one part of the ledger, mean over seeds."""
        return self.mean(lambda cell: getattr(cell.bits_per_character, name))

    def band(self, index: int) -> tuple[int, float]:
        """Characters and bits (mean over seeds) of one frequency band."""
        return self.first.by_frequency[index].characters, self.mean(lambda cell: cell.by_frequency[index].bits)

    @property
    def parts_of_speech(self) -> list[str]:
        """The parts of speech of the held-out text, the same for every column; none where no tagger was installed."""
        return [part.pos for part in self.first.by_part_of_speech]

    def part_of_speech(self, index: int) -> tuple[int, float]:
        """Characters and bits (mean over seeds) of one part of speech."""
        characters = self.first.by_part_of_speech[index].characters
        return characters, self.mean(lambda cell: cell.by_part_of_speech[index].bits)


def columns(comparison: Comparison) -> list[ColumnResult]:
    """The columns that have a result, in the order asked for."""
    found = []
    for i, name in enumerate(comparison.columns):
        cells = [cell for cell in comparison.done if cell.column == name]
        most = max(cell.fraction for cell in cells)
        full = tuple(cell for cell in cells if cell.fraction == most)
        found.append(ColumnResult(name, COLOURS[i % len(COLOURS)], full))
    return found


def compressor(baseline: Baseline) -> str:
    """A baseline's name for people."""
    return f"{COMPRESSORS.get(baseline.name, baseline.name.replace('_', ' '))} {baseline.variant}"


def characters_per_word(columns: list[ColumnResult]) -> float | None:
    """Characters of the held-out text per word of it, from the definition of word perplexity: 2^(bits · N / words)."""
    for column in columns:
        cell = column.first
        if cell.word_perplexity > 1 and isfinite(cell.word_perplexity) and cell.bits_per_character.total > 0:
            return log2(cell.word_perplexity) / cell.bits_per_character.total
    return None
