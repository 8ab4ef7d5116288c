"""The table of columns: one row per column, per row that is made of cells, and per baseline."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from toolkit.report.columns import ColumnResult, Results, characters_per_word, power_of_two, word_perplexity
from toolkit.report.names import PART_MEANINGS, PART_NAMES, compressor, in_short, is_shown
from toolkit.results.bits import PARTS
from toolkit.results.cell import Cell, Verified
from toolkit.results.rows import MIXTURE, Row, RowKind
from toolkit.results.text import ABSENT, count, decimals, percent, perplexity, plural, seconds


@dataclass(frozen=True)
class Quantity:
    """A column of the table: its name, its unit, its meaning, how it is read from a cell and how it is shown."""

    label: str
    unit: str
    meaning: str
    read: Callable[[Cell], float]
    show: Callable[[float | None], str]
    over_seeds: bool = False  # shown with its spread
    power: bool = False  # of two
    in_brackets: Callable[[Cell], float] | None = None  # the count that stands beside it

    def mean(self, column: ColumnResult) -> float:
        """The column's mean over seeds; of powers, that of their exponents."""
        return column.mean_of_exponents(self.read) if self.power else column.mean(self.read)


@dataclass(frozen=True)
class Group:
    """Neighbouring quantities under one heading."""

    label: str
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True)
class Entry:
    """One number of the table; ``note`` is its spread or a qualification."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class TableRow:
    """One line of the table."""

    name: str
    note: str
    kind: str
    colour: str
    entries: tuple[Entry, ...]
    best: bool = False
    folded: bool = False  # shown on request

    @property
    def paid(self) -> list[Entry]:
        """The entries of ``PAID``."""
        return [entry for entry, quantity in zip(self.entries, QUANTITIES, strict=False) if quantity in PAID]


ROW_NOTES: dict[RowKind, str] = {
    "ensemble": "the mean of its seeds’ probabilities",
    "adapting": "keeps learning from the held-out text that it has paid for",
    "adapting ensemble": "the mean of its seeds, which keep learning",
    "mixture": "mixed character by character; weights, counts and networks keep learning from the held-out text",
}


def _part(name: str) -> Quantity:
    return Quantity(
        PART_NAMES[name], "bits per character", PART_MEANINGS[name],
        lambda cell: float(getattr(cell.bits_per_character, name)), decimals,
    )  # fmt: skip


def _bytes(part: str, meaning: str) -> Quantity:
    return Quantity(
        part, "bytes", meaning,
        lambda cell: float(getattr(cell.run_bytes, part)), count,
    )  # fmt: skip


GROUPS = (
    Group("The bill", (
        Quantity("total", "bits per character", "all bits charged for the held-out text, divided by its characters; "
                 "lower is better, comparable across all rows", lambda c: c.bits_per_character.total, decimals, True),
        *(_part(name) for name in PARTS),
        Quantity("per byte", "bits per byte", "the total, divided by the bytes of the same text in UTF-8",
                 lambda c: c.bits_per_byte, decimals),
    )),
    Group("The same as perplexity", (
        Quantity("per word", "comparable", "the total, spread over the words of the raw text: comparable across "
                 "all rows", word_perplexity, perplexity, True, power=True),
        Quantity("per token", "not comparable between columns", "over the tokens of this column alone, without "
                 "spelling: shorter tokens give a lower value without being better",
                 lambda c: c.perplexity_per_token, perplexity, power=True),
    )),
    Group("How the text is cut", (
        Quantity("tokens", "in the held-out text", "events of the network, including document ends",
                 lambda c: c.tokens, count),
        Quantity("characters per token", "characters", "mean length of a token",
                 lambda c: c.coverage.characters_per_token, lambda x: decimals(x, 2)),
        Quantity("tokens per word", "tokens", "events of the network for each word of the raw text",
                 lambda c: c.coverage.tokens_per_word, lambda x: decimals(x, 2)),
        Quantity("words kept whole", "share of words", "words of the held-out text that are one token, neither "
                 "replaced nor cut", lambda c: c.coverage.whole_word_share, percent),
        Quantity("vocabulary", "tokens", "distinct tokens that the network can predict",
                 lambda c: c.vocabulary_size, count),
        Quantity("Rényi efficiency", "α = 2.5, of 1", "how evenly the training text uses the vocabulary (Zouhar et al. "
                 "2023)", lambda c: c.coverage.renyi_efficiency, decimals),
    )),
    Group("The network and its training", (
        Quantity("parameters", "numbers", "learned numbers: weights (in brackets the embedding's), or n-grams",
                 lambda c: c.parameters, count, in_brackets=lambda c: c.embedding_parameters),
        Quantity("multiply–adds", "per character", "multiplications with an addition that scoring a character takes, "
                 "spelling not counted (in brackets training on one; with network.cutoff, as if all tokens were told "
                 "apart everywhere)", lambda c: c.multiply_adds_per_character.score, count,
                 in_brackets=lambda c: c.multiply_adds_per_character.train),
        Quantity("characters seen", "characters", "characters of training text read, including repetitions",
                 lambda c: c.characters_seen, count),
        Quantity("updates", "steps", "how often the weights were updated", lambda c: c.updates, count),
        Quantity("training", "seconds", "wall-clock time of training, on the machine that did it",
                 lambda c: c.train_seconds, seconds, True),
        _bytes("tokenizer", "what its files take in a run: whatever it has learnt or brings along is in them"),
        _bytes("model", "the run's file of weights or counts"),
    )),
)  # fmt: skip


QUANTITIES = [quantity for group in GROUPS for quantity in group.quantities]
BY_LABEL = {quantity.label: quantity for quantity in QUANTITIES}
PAID = [BY_LABEL[label] for label in ("total", "per byte", "per word")]  # by a compressor
PRICES = [BY_LABEL[label] for label in ("training", "parameters", "multiply–adds")]  # they stand beside the bill


def _entry(column: ColumnResult, quantity: Quantity) -> Entry:
    mean = quantity.mean(column)
    spread = column.spread(quantity.read) if quantity.over_seeds and math.isfinite(mean) else None
    note = "" if spread is None else f"± {count(spread) if mean >= 1000 else quantity.show(spread)}"
    if quantity.in_brackets:
        note = f"({count(column.mean(quantity.in_brackets))})"
    return Entry(quantity.show(mean), note)


def _proof(checked: list[Verified], count_of_all: int, what: str = "seed") -> Entry:
    if not checked:
        return Entry("not run")
    of_all = "" if count_of_all == 1 else f"{len(checked)} of {plural(count_of_all, what)}; "
    first = checked[0]
    return Entry("yes", f"{of_all}{count(first.bytes)} bytes for {count(first.characters)} characters")


def rows(results: Results) -> list[TableRow]:
    """Columns in the requested order, then what is made of their cells, then baselines, the best first."""
    columns = results.columns
    best = min((column.total for column in columns), default=None)
    lines = []
    for column in columns:
        proof = _proof([cell.verified for cell in column.cells if cell.verified], len(column.cells))
        entries = (*(_entry(column, quantity) for quantity in QUANTITIES), proof)
        note = "" if len(column.cells) == 1 else f"mean of {len(column.cells)} seeds"
        lines.append(TableRow(column.name, note, "column", column.colour, entries, column.total == best))
    per_word = characters_per_word(columns)
    colours = {column.name: column.colour for column in columns}
    places = {name: place for place, name in enumerate(colours)}  # mixtures of several columns are the last
    made = sorted(results.comparison.rows_by_title.values(), key=lambda rows: places.get(rows[0].column, len(places)))
    lines += [_made_of(rows, colours.get(rows[0].column, ""), per_word) for rows in made]
    for baseline in sorted(results.comparison.baselines, key=lambda b: b.bits_per_character):
        paid = {"total": baseline.bits_per_character, "per byte": baseline.bits_per_byte}
        entries = (*_totals(paid, per_word), Entry(""))
        name, note = compressor(baseline), in_short(baseline)
        lines.append(TableRow(name, note, "baseline", "", entries, folded=not is_shown(baseline)))
    return lines


def _made_of(rows: list[Row], colour: str, per_word: float | None) -> TableRow:
    """Rows of one title in one line: the mean over their seeds, or of several ensembles."""
    first = rows[0]
    what = "seed" if first.kind == "adapting" else "ensemble"
    parts = {name: fmean(getattr(row.bits_per_character, name) for row in rows) for name in ("total", *PARTS)}
    paid = {"total": parts["total"], **{PART_NAMES[name]: parts[name] for name in PARTS}}
    paid["per byte"] = fmean(row.bits_per_byte for row in rows)
    per_token = 2 ** fmean(math.log2(row.perplexity_per_token) for row in rows)
    entries = (
        *_totals(paid, per_word, per_token),
        _proof([row.verified for row in rows if row.verified], len(rows), what),
    )
    rate = "" if first.rate is None else f", rate {first.rate:g}"
    whose = f"{first.column}, " if first.kind == MIXTURE else ""
    note = whose + ROW_NOTES[first.kind] + rate + ("" if len(rows) == 1 else f", mean of {plural(len(rows), what)}")
    return TableRow(first.title, note, "made", colour, entries)


def _totals(paid: dict[str, float], per_word: float | None, per_token: float | None = None) -> list[Entry]:
    """An entry per quantity, empty if it is not among those paid; the total gives the perplexity per word."""
    shown = {label: decimals(value) for label, value in paid.items()}
    shown["per word"] = perplexity(power_of_two(paid["total"] * per_word)) if per_word else ABSENT
    shown |= {"per token": perplexity(per_token)} if per_token else {}
    return [Entry(shown.get(quantity.label, "")) for quantity in QUANTITIES]
