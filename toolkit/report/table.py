"""The table of columns: one row per column, per baseline and per failed column."""

from collections.abc import Callable
from dataclasses import dataclass

from toolkit.report.columns import VARIANTS, ColumnResult, characters_per_word, compressor
from toolkit.report.numbers import ABSENT, count, decimals, perplexity, plural, seconds
from toolkit.results import PARTS, Cell, Comparison


@dataclass(frozen=True)
class Quantity:
    """A column of the table: its name, its unit, its meaning, how it is read from a cell and how it is shown."""

    label: str
    unit: str
    meaning: str
    read: Callable[[Cell], float]
    show: Callable[[float | None], str]
    over_seeds: bool = False  # shown with its spread


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
class Row:
    """One line of the table; a failed column has its reason instead of entries."""

    name: str
    note: str
    kind: str
    colour: str
    entries: tuple[Entry, ...]
    best: bool = False


PART_NAMES = {
    "words": "words",
    "classes": "classes",
    "spelling": "spelling",
    "spacing": "spacing",
    "document_ends": "document ends",
}
PART_MEANINGS = {
    "words": "the words that the model knows (for char: every letter of a word)",
    "classes": "announcing that a rare word follows, and its class",
    "spelling": "spelling out the rare word, letter by letter",
    "spacing": "spaces, line ends and punctuation",
    "document_ends": "announcing the end of the document",
}


def _part(name: str) -> Quantity:
    return Quantity(
        PART_NAMES[name], "bits per character", PART_MEANINGS[name],
        lambda cell: float(getattr(cell.bits_per_character, name)), decimals,
    )  # fmt: skip


GROUPS = (
    Group("The bill", (
        Quantity("total", "bits per character", "all bits charged for the held-out text, divided by its characters; "
                 "lower is better, comparable across all rows", lambda c: c.bits_per_character.total, decimals, True),
        *(_part(name) for name in PARTS),
    )),
    Group("The same as perplexity", (
        Quantity("per word", "comparable", "the total, spread over the words of the raw text: comparable across "
                 "all rows", lambda c: c.word_perplexity, perplexity, True),
        Quantity("per token", "not comparable between columns", "over the tokens of this column alone, without "
                 "spelling: shorter tokens give a lower value without being better",
                 lambda c: c.perplexity_per_token, perplexity),
    )),
    Group("How the text is cut", (
        Quantity("tokens", "in the held-out text", "events of the network, including document ends",
                 lambda c: c.tokens, count),
        Quantity("characters per token", "characters", "mean length of a token",
                 lambda c: c.coverage.characters_per_token, lambda x: decimals(x, 2)),
        Quantity("vocabulary", "tokens", "distinct tokens that the network can predict",
                 lambda c: c.vocabulary_size, count),
    )),
    Group("The network and its training", (
        Quantity("parameters", "numbers", "weights of the network; those of the embedding in brackets",
                 lambda c: c.parameters, count),
        Quantity("characters seen", "characters", "characters of training text read, including repetitions",
                 lambda c: c.characters_seen, count),
        Quantity("updates", "steps", "how often the weights were updated", lambda c: c.updates, count),
        Quantity("training", "seconds", "wall-clock time of training on this machine",
                 lambda c: c.train_seconds, seconds, True),
    )),
)  # fmt: skip


def _entry(column: ColumnResult, quantity: Quantity) -> Entry:
    mean = column.mean(quantity.read)
    spread = column.spread(quantity.read) if quantity.over_seeds else None
    note = "" if spread is None else f"± {count(spread) if mean >= 1000 else quantity.show(spread)}"
    if quantity.label == "parameters":
        note = f"({count(column.mean(lambda cell: cell.embedding_parameters))})"
    return Entry(quantity.show(mean), note)


def _verified(column: ColumnResult) -> Entry:
    checked = [cell.verified for cell in column.cells if cell.verified]
    if not checked:
        return Entry("not run")
    of_seeds = "" if len(column.cells) == 1 else f"{len(checked)} of {plural(len(column.cells), 'seed')}; "
    first = checked[0]
    return Entry("yes", f"{of_seeds}{count(first.bytes)} bytes for {count(first.characters)} characters")


def rows(comparison: Comparison, columns: list[ColumnResult]) -> list[Row]:
    """Columns in the requested order, then baselines, the best first."""
    best = min((column.total for column in columns), default=None)
    quantities = [quantity for group in GROUPS for quantity in group.quantities]
    lines = []
    for column in columns:
        entries = (*(_entry(column, quantity) for quantity in quantities), _verified(column))
        note = "" if len(column.cells) == 1 else f"mean of {len(column.cells)} seeds"
        lines.append(Row(column.name, note, "column", column.colour, entries, column.total == best))
    per_word = characters_per_word(columns)
    for baseline in sorted(comparison.baselines, key=lambda b: b.bits_per_character):
        bits = baseline.bits_per_character
        known = {
            "total": decimals(bits),
            "per word": perplexity(2 ** (bits * per_word)) if per_word else ABSENT,
        }
        entries = (*(Entry(known.get(quantity.label, "")) for quantity in quantities), Entry(""))
        lines.append(Row(compressor(baseline), VARIANTS[baseline.variant], "baseline", "", entries))
    return lines
