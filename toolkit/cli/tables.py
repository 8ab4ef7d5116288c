"""Tables in a terminal, and the view of a comparison.

A line has at least 80 characters. A narrower terminal folds it.
"""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from toolkit.errors import printable
from toolkit.results.comparison import SENTENCES, Comparison
from toolkit.results.sentences import say

MIN_WIDTH = 80  # characters of a line
MAX_VERDICTS = 5


def console() -> Console:
    """Return standard output."""
    out = Console(highlight=False)
    out.width = max(out.width, MIN_WIDTH)
    return out


def print_table(title: str, lines: Sequence[Sequence[str]]) -> None:
    """Print a table, whose first line is its heading. Names are folded, numbers are not."""
    lines = [[escape(printable(entry)) for entry in line] for line in lines]
    table = Table(title=escape(printable(title)), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in zip(*lines, strict=True):
        numbers = is_numbers(column)
        table.add_column(column[0], justify="right" if numbers else "left", no_wrap=numbers, overflow="fold")
    for row in lines[1:]:
        table.add_row(*row)
    console().print(table)


def print_lines(lines: Iterable[str]) -> None:
    """Print sentences, folded at the console's width."""
    console().print("\n".join(map(printable, lines)), markup=False)


def is_numbers(column: Sequence[str]) -> bool:
    """Return whether a column below its heading has numbers, and nothing that begins with a letter.

    >>> is_numbers(["bits", "1.9", ""]), is_numbers(["off by", "−0.1"]), is_numbers(["such as", "31, 1637", "Jonas"])
    (True, True, False)
    """
    first = [entry.lstrip("+−-")[:1] for entry in column[1:]]
    return any(map(str.isdigit, first)) and not any(map(str.isalpha, first))


def show_comparison(comparison: Comparison) -> None:
    """Print the table, the answer with its contrasts, warnings, notes and the next command."""
    print_table(comparison.title, comparison.table())
    answer = comparison.answer_contrast
    _, contrasts = comparison.answering
    of_best = [c for c in contrasts if answer and answer.a in (c.a, c.b) and answer.b not in (c.a, c.b)]
    nearest = sorted(of_best, key=lambda contrast: abs(contrast.difference))[: MAX_VERDICTS - 1]
    totals, crossings = comparison.totals, comparison.scaling.crossings if comparison.scaling else []
    later = comparison.folds.warnings if comparison.folds else []
    lines = [
        comparison.headline,
        *(f"{c.verdict} {say(SENTENCES, 'remedy', c)}".strip() for c in nearest),
        *(say(SENTENCES, "sweep", sweep, totals.get(sweep.best or "")) for sweep in comparison.sweeps),
        *(say(SENTENCES, "crossing", crossing) for crossing in crossings[:MAX_VERDICTS]),
        *([say(SENTENCES, "verified", comparison.done)] if any(cell.verified for cell in comparison.done) else []),
        *(f"Warning: {warning.sentence}" for warning in [*comparison.warnings, *later]),
        *(f"Note: {note}" for note in comparison.corpus.notes),
    ]
    if comparison.answer.next:
        lines.append(f"Next:    {say(SENTENCES, 'step', comparison.answer.next)}")
    print_lines(lines)
    if comparison.answer.command:  # in one line, to be copied
        console().print(printable(f"         {comparison.answer.command}"), markup=False, soft_wrap=True)
