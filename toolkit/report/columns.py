"""A comparison as the page shows it: columns over their seeds, the quantities of the table, names and colours."""

import math
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from statistics import fmean, stdev
from typing import Any

from toolkit.report.charts import TEMPLATES, Rows
from toolkit.results import text
from toolkit.results.bits import BANDS, PARTS
from toolkit.results.cell import Baseline, Cell
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Generated
from toolkit.results.text import ABSENT, count, decimals, perplexity

COLUMNS_ON_ONE_LINE = 4  # of more, dots cannot be distinguished
# Middle tones, distinct in hue and lightness, of 3 : 1 to the paper by day and by night; they repeat after ten columns.
COLOURS = (
    "#3b78c2", "#ce7c29", "#3d9a6b", "#b5569a", "#7f6bd0", "#a78e28", "#2b9cae", "#c9524c", "#7c8793", "#96683f",
)  # fmt: skip
# Cool colours: the words that the model knows. Warm colours: the price of rare words.
PART_COLOURS = dict(zip(PARTS, ("#5b7c99", "#e3a535", "#c8553d", "#a9b8c4", "#8f7fb8"), strict=True))
PART_LABELS = ("words", "classes", "spelling", "punctuation, line ends, other spaces", "document ends")
PART_NAMES = dict(zip(PARTS, PART_LABELS, strict=True))
BAND_LABELS = ("never seen", "seen once", "2–9 times", "10–99 times", "100 or more", "not a word")
BAND_NAMES = dict(zip(BANDS, BAND_LABELS, strict=True))
# Coarse tags of Universal Dependencies: https://universaldependencies.org/u/pos
POS_NAMES = {
    "ADJ": "adjectives", "ADP": "prepositions", "ADV": "adverbs", "AUX": "auxiliaries", "CCONJ": "coordinators",
    "DET": "determiners", "INTJ": "interjections", "NOUN": "nouns", "NUM": "numerals", "PART": "particles",
    "PRON": "pronouns", "PROPN": "names", "PUNCT": "punctuation", "SCONJ": "subordinators", "SPACE": "white space",
    "SYM": "symbols", "VERB": "verbs", "X": "other words",
}  # fmt: skip
MAIN_COMPRESSORS = ("ppmd", "xz")  # after the training text, in charts and the main table
VARIANTS = {"cold": "nothing seen before", "primed": "after the training text, adapting"}
PPMD_BY_DOCUMENT = "after the training text, each held-out document by itself"


def colour(place: int) -> str:
    """Return the colour of the column in a place, from 0."""
    return COLOURS[place % len(COLOURS)]


def pos_name(pos: str) -> str:
    """Return the name of a part of speech; any other text stays."""
    return POS_NAMES.get(pos, pos)


def meaning(baseline: Baseline) -> str:
    """Return the text that a compressor has seen."""
    return PPMD_BY_DOCUMENT if baseline.name == "ppmd_documents" else VARIANTS[baseline.variant]


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

    def part(self, name: str) -> float:
        """Return bits per character of one part of the ledger, or the "total"."""
        return self.mean(lambda cell: getattr(cell.bits_per_character, name))

    @property
    def total(self) -> float:
        """Bits per character."""
        return self.part("total")

    @property
    def best_check(self) -> float | None:
        """Bits per character of the validation text at the best check; None for a counted column."""
        return None if self.first.counted else self.mean(lambda cell: cell.best_check.valid_bits_per_character)

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
    def compressors(self) -> list[Baseline]:
        """The compressors, the fewest bits first."""
        return sorted(self.comparison.baselines, key=lambda baseline: baseline.bits_per_character)

    @cached_property
    def compressor_lines(self) -> Rows:
        """The rows of the compressors in charts; a row's place is from 0."""
        return [
            {
                "name": b.title,
                "bits": b.bits_per_character,
                "label": f"{b.title} {decimals(b.bits_per_character)}",
            }
            | {"place": place}
            for place, b in enumerate(filter(is_main, self.compressors))
        ]


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A column of the table; templates/quantities.toml explains the fields."""

    label: str
    place: str
    form: str
    unit: str
    meaning: str
    places: int | None = None
    spread: bool = False
    power: bool = False
    bracket: str = ""

    def show(self, value: float) -> str:
        """Return the value as text."""
        form: Callable[..., str] = getattr(text, self.form)
        return form(value) if self.places is None else form(value, self.places)

    def mean(self, column: ColumnResult) -> float:
        """Return the mean over the column's seeds."""
        read = attrgetter(self.place)
        return _power_of_two(column.mean(lambda cell: math.log2(read(cell)))) if self.power else column.mean(read)

    def note(self, column: ColumnResult) -> str:
        """Return the spread over seeds or the bracket, if there is one."""
        if self.bracket:
            return f"({count(column.mean(attrgetter(self.bracket)))})"
        mean = self.mean(column)
        if not self.spread or len(column.cells) == 1 or math.isinf(mean):
            return ""
        deviation = stdev(map(attrgetter(self.place), column.cells))
        return f"± {count(deviation) if mean >= 1000 else self.show(deviation)}"


GROUPS = {
    group: [Quantity(label=label, **facts) for label, facts in quantities.items()]
    for group, quantities in tomllib.loads((TEMPLATES / "quantities.toml").read_text("utf-8")).items()
}
QUANTITIES = {quantity.label: quantity for quantities in GROUPS.values() for quantity in quantities}


def made_rows(results: Results) -> list[dict[str, Any]]:
    """Return a line per title of rows made of cells: the mean over their seeds, or over several ensembles.

    They stand in the order of their columns, and mixtures of several columns are the last.
    """
    lines = []
    for rows in results.comparison.rows_by_title.values():
        paid = {name: fmean(getattr(row.bits_per_character, name) for row in rows) for name in ("total", *PARTS)}
        amounts = {PART_NAMES.get(name, name): decimals(bits) for name, bits in paid.items()}
        amounts["per byte"] = decimals(fmean(row.bits_per_byte for row in rows))
        amounts["per word"] = _per_word(results, paid["total"])
        amounts["per token"] = perplexity(2 ** fmean(math.log2(row.perplexity_per_token) for row in rows))
        lines.append({"rows": rows, "first": rows[0], "bits": paid["total"], "amounts": amounts})
    columns = list(results.colours)
    return sorted(lines, key=lambda line: [*columns, line["first"].column].index(line["first"].column))


def compressor_rows(results: Results, *, main: bool) -> list[dict[str, Any]]:
    """Return a line per compressor, the best first: of the ``main`` ones or of all others."""
    lines = []
    for baseline in results.compressors:
        amounts = {"total": decimals(baseline.bits_per_character), "per byte": decimals(baseline.bits_per_byte)}
        amounts["per word"] = _per_word(results, baseline.bits_per_character)
        if is_main(baseline) == main:
            lines.append({"name": baseline.title, "meaning": meaning(baseline), "amounts": amounts})
    return lines


def is_main(baseline: Baseline) -> bool:
    """Return whether charts and the main table show a compressor."""
    return baseline.name in MAIN_COMPRESSORS and baseline.variant == "primed"


def _per_word(results: Results, total: float) -> str:
    """Return perplexity per word for a total, 2^(bits · characters / words), if a column's own is a float."""
    for cell in (column.first for column in results.columns):
        bits = cell.bits_per_character.total
        if 1 < cell.word_perplexity < sys.float_info.max and bits > 0:
            return perplexity(_power_of_two(total * (math.log2(cell.word_perplexity) / bits)))
    return ABSENT


def _power_of_two(exponent: float) -> float:
    return 2**exponent if exponent < sys.float_info.max_exp else math.inf
