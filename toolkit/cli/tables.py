"""Tables in a terminal: no number is ever cut; where there is no room for all, columns are left out."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Lines = Sequence[Sequence[str]]
NAME_WIDTH = 12  # the least that folding leaves of the first column


def console(width: int) -> "Console":
    """Standard output, as wide as its terminal; without one, as COLUMNS says, or else ``width``."""
    from rich.console import Console

    known = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(highlight=False, width=None if known else width)


def print_table(console: "Console", title: str, lines: Lines, spare: Sequence[Sequence[str]] = ()) -> list[str]:
    """Print one table, whose first line is its heading; returns the columns that were left out.

    ``spare`` are groups of columns that may be left out, the first group first, until the table is narrow enough.
    Then only names are folded; a terminal that is too narrow even so gets the table at its least width.
    """
    left_out: list[str] = []
    groups = list(spare)
    table = made(title, lines)
    while groups and natural_width(console, table) > console.width:
        left_out += groups.pop(0)
        kept = [i for i, name in enumerate(lines[0]) if name not in left_out]
        table = made(title, [[line[i] for i in kept] for line in lines])
    names = max(len(line[0]) for line in lines)
    least = natural_width(console, table) - names + min(names, NAME_WIDTH)
    console.print(table, width=max(console.width, least), crop=False)
    return left_out


def made(title: str, lines: Lines) -> "Table":
    """The table; names may be folded, numbers not."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    heading, *rows = lines
    table = Table(title=escape(title), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for i, name in enumerate(heading):
        numbers = any(row[i][:1].isdigit() for row in rows)
        table.add_column(escape(name), justify="right" if numbers else "left", no_wrap=numbers, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def natural_width(console: "Console", table: "Table") -> int:
    """How wide the table is if nothing in it is folded."""
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum
