"""What a terminal shows of a comparison: its columns, the compressors, and in a line each what is told apart."""

from typing import TYPE_CHECKING

from toolkit.cli.tables import Lines, console, print_table
from toolkit.evaluation.headlines import headlines
from toolkit.report.names import compressor
from toolkit.results.bits import PARTS
from toolkit.results.differing import differing_in_words
from toolkit.results.resources import match_of, outcome
from toolkit.results.text import thinned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.results.cell import HistoryRow
    from toolkit.results.comparison import Comparison

WIDTH = 120  # characters of a line where there is no terminal
VARIANTS = "Primed: after the training text; cold: with nothing before it.\n"  # of compressors, in their names
LEVELS = "▁▂▃▄▅▆▇█"
BARS = 30  # of a learning curve


def in_lines(name: str) -> str:
    """The name of a column of numbers, a word in each line."""
    return name.replace("_", "\n").replace(" ", "\n")


SPARE = (list(map(in_lines, PARTS)), [in_lines("per byte")], ["seconds"], ["parameters"])  # the first goes first


def show(comparison: "Comparison") -> None:
    """Print the tables and the sentences."""
    out = console(WIDTH)
    heading, *lines = comparison.measured()
    left_out = print_table(out, comparison.title, [list(map(in_lines, heading)), *lines], SPARE)
    if left_out:
        names = ", ".join(left_out).replace("\n", " ")
        out.print(f"(No room here for: {names}. They are in the report.)\n", markup=False)
    if comparison.baselines:
        print_table(out, "compressors, on the same text", compressors(comparison))
        out.print(VARIANTS, markup=False)
    apart = list(filter(None, [differing_in_words(comparison)]))
    notes = [f"Note: {note}" for note in comparison.corpus.notes]
    resources = [outcome(comparison)] if match_of(comparison) else []
    warnings = [f"Warning: {warning}" for warning in comparison.warnings]
    answered = [comparison.answer.sentence.replace("`", "")]
    over = comparison.folds
    failures = over.failed if over else comparison.failures
    of_folds = over.warnings if over else []
    for sentence in [*answered, *apart, *notes, *headlines(comparison), *resources, *warnings, *failures, *of_folds]:
        out.print(sentence, markup=False)


def show_learning(comparison: "Comparison") -> None:
    """Print each cell's bits of the validation text from its first check to its last, as a line of bars."""
    curves = [(f"{cell.column}, seed {cell.seed}", cell.history) for cell in comparison.full if cell.history]
    if not curves:
        return
    lines = [
        [name, sparkline([row.valid_bits_per_character for row in history]), *map("{:.4f}".format, ends(history))]
        for name, history in curves
    ]
    heading = ["cell", "bits of the validation text", "first", "best", "last"]
    print_table(console(WIDTH), "learning", [heading, *lines])


def ends(history: "Sequence[HistoryRow]") -> tuple[float, float, float]:
    """The first, the best and the last check."""
    bits = [row.valid_bits_per_character for row in history]
    return bits[0], min(bits), bits[-1]


def sparkline(values: "Sequence[float]") -> str:
    """The values as bars, at most ``BARS`` of them, between the least and the greatest.

    >>> sparkline([4.0, 3.0, 2.0, 2.0])
    '█▅▁▁'
    """
    shown = thinned(values, BARS)
    low, high = min(shown), max(shown)
    step = (high - low) / (len(LEVELS) - 1) or 1.0
    return "".join(LEVELS[round((value - low) / step)] for value in shown)


def compressors(comparison: "Comparison") -> Lines:
    """A heading, then a line per compressor, the best first."""
    ranked = sorted(comparison.baselines, key=lambda baseline: baseline.bits_per_character)
    lines = [[compressor(one), f"{one.bits_per_character:.4f}", f"{one.bits_per_byte:.4f}"] for one in ranked]
    return [["compressor", "total", "per byte"], *lines]
