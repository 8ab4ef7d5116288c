"""Tables in a terminal, and the view of a comparison: no number is cut; in a narrow terminal, columns are left out."""

import os
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from toolkit.errors import printable
from toolkit.results.comparison import SENTENCES, Comparison
from toolkit.results.sentences import say

WIDTH = 80  # characters of a line without a terminal
MIN_FOLDED_WIDTH = 12  # characters of a column of names
OPTIONAL_COLUMNS = (["other"], ["words", "class", "spelling"], ["training"], ["parameters"])  # first to go first
MAX_VERDICTS = 5


def console() -> Console:
    """Return standard output, as wide as its terminal or COLUMNS."""
    known = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(highlight=False, width=None if known else WIDTH)


def print_table(
    console: Console, title: str, lines: Sequence[Sequence[str]], optional: Sequence[Sequence[str]] = ()
) -> None:
    """Print a table, whose first line is its heading.

    A table that is too wide loses groups of ``optional`` columns, the first group first. Then names are folded.
    """
    groups = list(optional)
    table, width, folded_width = rich_table(title, lines, console)
    while groups and width > console.width:
        left_out = groups.pop(0)
        places = [i for i, name in enumerate(lines[0]) if name not in left_out]
        lines = [[line[i] for i in places] for line in lines]
        table, width, folded_width = rich_table(title, lines, console)
    console.print(table, width=max(console.width, folded_width), crop=False)


def rich_table(title: str, lines: Sequence[Sequence[str]], console: Console) -> tuple[Table, int, int]:
    """Return a table, its width, and its width with folded names."""
    lines = [[escape(printable(entry)) for entry in line] for line in lines]
    table = Table(title=escape(printable(title)), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    foldable = 0
    for column in zip(*lines, strict=True):
        numbers = is_numbers(column)
        table.add_column(column[0], justify="right" if numbers else "left", no_wrap=numbers, overflow="fold")
        foldable += 0 if numbers else max(0, max(map(len, column)) - MIN_FOLDED_WIDTH)
    for row in lines[1:]:
        table.add_row(*row)
    width = console.measure(table, options=console.options.update(max_width=10_000)).maximum
    return table, width, width - foldable


def print_lines(console: Console, lines: Iterable[str]) -> None:
    """Print sentences, folded at the console's width."""
    console.print("\n".join(map(printable, lines)), markup=False)


def is_numbers(column: Sequence[str]) -> bool:
    """Return whether a column below its heading has numbers, and nothing that begins with a letter.

    >>> is_numbers(["bits", "1.9", ""]), is_numbers(["off by", "−0.1"]), is_numbers(["such as", "31, 1637", "Jonas"])
    (True, True, False)
    """
    first = [entry.lstrip("+−-")[:1] for entry in column[1:]]
    return any(map(str.isdigit, first)) and not any(map(str.isalpha, first))


def show_comparison(comparison: Comparison) -> None:
    """Print the table, the answer with its contrasts, warnings, notes and the next command."""
    out = console()
    print_table(out, comparison.title, comparison.table(), OPTIONAL_COLUMNS)
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
    print_lines(out, lines)
    if comparison.answer.next:
        out.print(f"Next:    {say(SENTENCES, 'step', comparison.answer.next)}", markup=False)
    if comparison.answer.command:
        out.print(
            printable(f"         {comparison.answer.command}"), markup=False, soft_wrap=True
        )  # one line, to be copied
