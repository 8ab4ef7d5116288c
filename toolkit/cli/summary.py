"""The terminal's view of a comparison: a table of the models, the answer, and what to run next."""

from typing import TYPE_CHECKING

from toolkit.cli.tables import console, print_table
from toolkit.results.comparison import SENTENCES
from toolkit.results.sentences import say
from toolkit.results.text import decimals, thinned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.results.cell import HistoryRow
    from toolkit.results.comparison import Comparison

WIDTH = 80  # characters of a line without a terminal
SPARE = (["other"], ["words", "class", "spelling"], ["training"], ["parameters"])  # dropped first to last where narrow
VERDICTS = 5  # at most, with the answer
LEVELS = "▁▂▃▄▅▆▇█"
BARS = 30  # of a learning curve


def show(comparison: "Comparison") -> None:
    """Print the table, the answer with its contrasts, warnings, notes and the next command."""
    out = console(WIDTH)
    print_table(out, comparison.title, comparison.table(), SPARE)
    answer = comparison.answer_contrast
    _, contrasts = comparison.answering
    of_best = [c for c in contrasts if answer and answer.a in (c.a, c.b) and answer.b not in (c.a, c.b)]
    others = sorted(of_best, key=lambda contrast: abs(contrast.difference))
    totals, crossings = comparison.totals, comparison.scaling.crossings if comparison.scaling else []
    later = comparison.folds.warnings if comparison.folds else []
    lines = [
        comparison.headline,
        *(f"{c.verdict} {say(SENTENCES, 'remedy', c)}".strip() for c in others[: VERDICTS - 1]),
        *(say(SENTENCES, "sweep", sweep, totals.get(sweep.best or "")) for sweep in comparison.sweeps),
        *(say(SENTENCES, "crossing", crossing) for crossing in crossings[:VERDICTS]),
        *([say(SENTENCES, "verified", comparison.done)] if any(cell.verified for cell in comparison.done) else []),
        *(f"Warning: {warning.sentence}" for warning in [*comparison.warnings, *later]),
        *(f"Note: {note}" for note in comparison.corpus.notes),
    ]
    for line in lines:
        out.print(line, markup=False)
    if comparison.answer.next:
        out.print(f"Next:    {say(SENTENCES, 'step', comparison.answer.next)}", markup=False)
    if comparison.answer.command:
        out.print(f"         {comparison.answer.command}", markup=False, soft_wrap=True)  # one line, to be copied


def show_learning(comparison: "Comparison") -> None:
    """Print each cell's bits of the validation text from its first check to its last, as a line of bars."""
    curves = [(f"{cell.column}, seed {cell.seed}", cell.history) for cell in comparison.full if cell.history]
    if not curves:
        return
    lines = [
        [name, sparkline([row.valid_bits_per_character for row in history]), *map(decimals, ends(history))]
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
