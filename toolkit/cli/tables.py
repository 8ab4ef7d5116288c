"""Tables in a terminal: no number is ever cut; where there is no room for all, columns are left out."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Lines = Sequence[Sequence[str]]
FOLDED = 12  # characters that folding leaves at least of a column of names


def console(width: int) -> "Console":
    """Standard output, as wide as its terminal; without one, as COLUMNS says, or else ``width``."""
    from toolkit.comparison.plain_console import PlainConsole

    known = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return PlainConsole(highlight=False, width=None if known else width)


def print_table(console: "Console", title: str, lines: Lines, spare: Sequence[Sequence[str]] = ()) -> list[str]:
    """Print one table, whose first line is its heading; returns the columns that were left out.

    ``spare`` are groups of columns that may be left out, the first group first, until the table is narrow enough.
    Then only names are folded; a terminal that is too narrow even so gets the table at its least width.
    """
    left_out: list[str] = []
    groups = list(spare)
    kept, table = lines, made(title, lines)
    while groups and natural_width(console, table) > console.width:
        left_out += groups.pop(0)
        places = [i for i, name in enumerate(lines[0]) if name not in left_out]
        kept = [[line[i] for i in places] for line in lines]
        table = made(title, kept)
    names = [max(map(len, column)) for column in zip(*kept, strict=True) if not is_numbers(column)]
    least = natural_width(console, table) - sum(max(0, longest - FOLDED) for longest in names)
    console.print(table, width=max(console.width, least), crop=False)
    return left_out


def is_numbers(column: Sequence[str]) -> bool:
    """Whether a column, of which the first entry is the heading, has numbers, and nothing that begins with a letter.

    >>> is_numbers(["bits", "1.9", ""]), is_numbers(["off by", "−0.1"]), is_numbers(["such as", "31, 1637", "Jonas"])
    (True, True, False)
    """
    first = [entry.lstrip("+−-")[:1] for entry in column[1:]]
    return any(map(str.isdigit, first)) and not any(map(str.isalpha, first))


def made(title: str, lines: Lines) -> "Table":
    """The table; names may be folded, numbers not."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in zip(*lines, strict=True):
        numbers, name = is_numbers(column), escape(column[0])
        table.add_column(name, justify="right" if numbers else "left", no_wrap=numbers, overflow="fold")
    for row in lines[1:]:
        table.add_row(*map(escape, row))
    return table


def natural_width(console: "Console", table: "Table") -> int:
    """How wide the table is if nothing in it is folded."""
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum
