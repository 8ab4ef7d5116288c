"""What a person sees while work is in progress: bars in a terminal, plain lines elsewhere; on standard error."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.table import Column, Table

from toolkit.comparison.plain_console import PlainConsole
from toolkit.comparison.reporter import Reporter, Silent
from toolkit.errors import printable
from toolkit.results.cell import Cell, FailedCell
from toolkit.training.records import Progress

SECONDS_BETWEEN_LINES = 10.0
BESIDE_NAME = 48  # characters of a terminal's line that are kept for a bar, the time left and bits per character
LINES = "━", "─"  # of a bar: what is done, and what is left
SHORTEST_NAME = 12  # what is left of a cell's name in a narrow one


@contextmanager
def reporting(*, quiet: bool) -> Iterator[Reporter]:
    """A reporter for this process's standard error; a terminal is as it was before at the end of the block."""
    console = PlainConsole(stderr=True)
    if quiet:
        yield Silent()
    elif sys.stderr.isatty() and console.is_interactive:  # a dumb terminal cannot move its cursor
        with Bars(console) as bars:
            yield bars
    else:
        yield Lines()


@dataclass(frozen=True)
class Narrow:
    """A table that leaves room at the right, where a terminal echoes ``^C``: a wrapped line could not be redrawn."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from console.render(self.table, options.update_width(options.max_width - 3))


class NarrowProgress(RichProgress):
    """A table of bars that leaves room at its right."""

    def get_renderables(self) -> Iterable[RenderableType]:
        """A line per bar."""
        yield Narrow(self.make_tasks_table(self.tasks))


class Bars:
    """In a terminal: a bar for each cell that is being computed, below permanent lines. A context manager."""

    def __init__(self, console: Console) -> None:
        longest = max(SHORTEST_NAME, console.width - BESIDE_NAME)
        self._bars = NarrowProgress(
            TextColumn("{task.description}:", markup=False, table_column=Column(no_wrap=True, max_width=longest)),
            TextColumn("{task.percentage:>3.0f}%"),
            BarColumn(None, table_column=Column(ratio=1)),
            TextColumn("{task.fields[left]}", markup=False, table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[state]}", markup=False, table_column=Column(ratio=4, no_wrap=True)),
            console=console,
            expand=True,  # bar and state share the room that the name and the time left leave, and are cut first
            redirect_stdout=False,  # standard output may be a file
        )
        self._tasks: dict[str, TaskID] = {}  # by cell

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def stage(self, what: str) -> None:
        """Print that a step starts; a cell's bar becomes permanent as it is."""
        self._leave(what.partition(":")[0])
        self._print(what)

    def training(self, cell: str, progress: Progress) -> None:
        """Show the share done, bits per character at the last check, and time left."""
        self._show(cell, progress.share, training_state(progress), time_left(progress))

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """Show the share of the characters that have been coded or decoded."""
        self._show(cell, done / characters, "verifying", "")

    def finished(self, cell: Cell | FailedCell) -> None:
        """Print the cell's bits per character, or why it has none."""
        self._leave(Path(cell.run).name)
        self._print(outcome(cell))

    def _show(self, cell: str, share: float, state: str, left: str) -> None:
        """Show a cell's bar; a full one becomes permanent."""
        if cell not in self._tasks:
            self._tasks[cell] = self._bars.add_task(printable(cell), total=1.0, state=state, left=left)
        self._bars.update(self._tasks[cell], completed=share, state=state, left=left)
        if share >= 1:
            self._leave(cell)

    def _leave(self, cell: str) -> None:
        """A cell's bar, if it has one, is printed as it is and no longer changes."""
        id_ = self._tasks.pop(cell, None)
        if id_ is not None:
            (task,) = (task for task in self._bars.tasks if task.id == id_)
            self._bars.remove_task(id_)
            self._print(self._bars.make_tasks_table([task]))

    def _print(self, what: RenderableType) -> None:
        """Print permanently, above the bars."""
        self._bars.console.print(what, markup=False, highlight=False, soft_wrap=isinstance(what, str))


class Lines:
    """Where there is no terminal, in a log say: a line per cell from time to time."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}  # by cell, when its last line was written

    def stage(self, what: str) -> None:
        """Print that a step starts."""
        self._print(what)

    def training(self, cell: str, progress: Progress) -> None:
        """Print the share done, bits per character at the last check, and time left."""
        state = ", ".join(filter(None, [training_state(progress), time_left(progress)]))
        self._show(cell, progress.share, state)

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """Print the share of the characters that have been coded or decoded."""
        self._show(cell, done / characters, "verifying")

    def finished(self, cell: Cell | FailedCell) -> None:
        """Print the cell's bits per character, or why it has none."""
        self._print(outcome(cell))

    def _show(self, cell: str, share: float, state: str) -> None:
        """Print a cell's line if it is complete, or if its last one was long ago."""
        if share < 1:
            if time.monotonic() - self._last.get(cell, -SECONDS_BETWEEN_LINES) < SECONDS_BETWEEN_LINES:
                return
            self._last[cell] = time.monotonic()
        shown = bar(share, signs(sys.stderr.encoding or "utf-8"))
        self._print(f"{cell}: {share:4.0%}  {shown}  {state}".rstrip())

    def _print(self, line: str) -> None:
        """Print a line at once."""
        print(printable(line), file=sys.stderr, flush=True)


def training_state(progress: Progress) -> str:
    """Bits per character at the last check; nothing without updates, as where a model is counted: none is checked."""
    valid = progress.valid_bits_per_character
    if valid is not None:
        return f"{valid:.3f} validation bits per character"
    return "before the first check" if progress.updates else ""


def time_left(progress: Progress) -> str:
    """The time left, as long as the rest takes at the pace so far; nothing while there is none."""
    if not progress.share:
        return ""
    return f"{clock(progress.seconds * max(0.0, 1 - progress.share) / progress.share)} left"


def outcome(cell: Cell | FailedCell) -> str:
    """A finished cell's bits per character, or why it has none."""
    name = f"{cell.column}, {named(cell.fraction)}seed {cell.seed}"
    if isinstance(cell, Cell):
        return f"{name}: {cell.bits_per_character.total:.4f} bits per character on the held-out text"
    return f"{name} failed: {cell.reason}"


def named(fraction: float) -> str:
    """A fraction of the training text, before the seed; nothing for all of it.

    >>> named(0.25), named(1.0)
    ('0.25 of the training text, ', '')
    """
    return "" if fraction == 1 else f"{fraction:g} of the training text, "


def signs(encoding: str) -> tuple[str, str]:
    """A sign for what is done and one for what is left, which the encoding has.

    >>> signs("utf-8"), signs("ascii")
    (('━', '─'), ('=', '-'))
    """
    try:
        "".join(LINES).encode(encoding)
    except UnicodeEncodeError:
        return "=", "-"
    return LINES


def bar(share: float, signs: tuple[str, str] = LINES, width: int = 24) -> str:
    """A bar of characters.

    >>> bar(0.5, width=8)
    '━━━━────'
    """
    full = round(share * width)
    done, left = signs
    return done * full + left * (width - full)


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds.

    >>> clock(75.2)
    '1:15'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
