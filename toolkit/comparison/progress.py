"""The view of work in progress: bars in a terminal, plain lines elsewhere; on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column

from toolkit.errors import printable
from toolkit.results.cell import Cell, FailedCell
from toolkit.training.records import Position

SECONDS_BETWEEN_LINES = 10.0


class Reporter:
    """Receives reports on the progress of the work. This one shows nothing."""

    def stage(self, what: str) -> None:
        """Report that a step starts; for a step of a cell, ``what`` begins with the name of its run and a colon."""

    def training(self, cell: str, progress: Position) -> None:
        """Report the progress of a cell's training."""

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """Report how many of these characters have been coded or decoded."""

    def finished(self, cell: Cell | FailedCell) -> None:
        """Report a finished cell."""


@contextmanager
def reporting(*, quiet: bool) -> Iterator[Reporter]:
    """Open a reporter for this process's standard error."""
    if quiet:
        yield Reporter()
    else:
        reporter = Screen(Console(stderr=True, emoji=False))
        with reporter.bars:
            yield reporter


class Screen(Reporter):
    """Shows a bar for each cell in progress below permanent lines; in a log, a line per step and now and then per cell.

    ``bars`` shows them as a context manager.
    """

    def __init__(self, console: Console, seconds_between_lines: float = SECONDS_BETWEEN_LINES) -> None:
        self.bars = Progress(
            TextColumn("{task.description}:", markup=False, table_column=Column(no_wrap=True)),
            TextColumn("{task.percentage:>3.0f}%"),
            BarColumn(20),
            TextColumn("{task.fields[state]}", markup=False, table_column=Column(no_wrap=True)),
            console=console,
            redirect_stdout=False,  # standard output may be a file
            disable=not console.is_interactive,  # a dumb terminal cannot move its cursor
        )
        self._seconds_between_lines = seconds_between_lines
        self._tasks: dict[str, TaskID] = {}  # by cell
        self._written: dict[str, float] = {}  # by cell: when the last line of a log was written

    def stage(self, what: str) -> None:
        """Print that a step starts."""
        self._leave(what.partition(":")[0])
        self._print(what)

    def training(self, cell: str, progress: Position) -> None:
        """Show the share done, the time left, and bits per character at the last check."""
        state = []
        if 0 < progress.share < 1:
            minutes, seconds = divmod(round(progress.seconds * (1 - progress.share) / progress.share), 60)
            state.append(f"{minutes}:{seconds:02} left")
        if progress.history:
            state.append(f"{progress.history[-1].valid_bits_per_character:.3f} validation bits per character")
        self._show(cell, progress.share, "  ".join(state))

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """Show the share of the characters that have been coded or decoded."""
        self._show(cell, done / characters, "verifying")

    def finished(self, cell: Cell | FailedCell) -> None:
        """Print the cell's bits per character, or why it has none."""
        self._leave(Path(cell.run).name)
        text = "" if cell.fraction == 1 else f"{cell.fraction:g} of the training text, "
        if isinstance(cell, Cell):
            text += "" if cell.fold is None else f"fold {cell.fold}, "
            bits = f": {cell.bits_per_character.total:.4f} bits per character on the held-out text"
        else:
            bits = f" failed: {cell.reason}"
        self._print(f"{cell.column}, {text}seed {cell.seed}{bits}")

    def _show(self, cell: str, share: float, state: str) -> None:
        if not self.bars.disable:
            if cell not in self._tasks:
                self._tasks[cell] = self.bars.add_task(printable(cell), total=1.0, state=state)
            self.bars.update(self._tasks[cell], completed=share, state=state)
        elif (
            share == 1 or time.monotonic() - self._written.get(cell, float("-inf")) >= self._seconds_between_lines
        ):
            self._written[cell] = time.monotonic()
            self._print(f"{cell}: {share:4.0%}  {state}".rstrip())

    def _leave(self, cell: str) -> None:
        self._written.pop(cell, None)
        if cell in self._tasks:
            self.bars.remove_task(self._tasks.pop(cell))

    def _print(self, line: str) -> None:
        self.bars.console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
