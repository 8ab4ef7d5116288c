"""The view of work in progress: bars in a terminal and in a notebook, plain lines elsewhere; on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from toolkit.comparison.timing import Schedule, Steps
from toolkit.errors import printable
from toolkit.results.cell import Cell, FailedCell
from toolkit.training.records import Position

SECONDS_BETWEEN_LINES = 10.0
SECONDS_BETWEEN_VIEWS = 0.5  # of a notebook
BAR_CHARACTERS = 20


class Reporter:
    """Receives reports on the progress of jobs, such as cells. This one shows nothing."""

    def plan(self, job: str, steps: Steps) -> None:
        """Add a job with the expected seconds of its steps."""

    def stage(self, what: str) -> None:
        """Report a fact worth a line."""

    def step(self, job: str, kind: str, share: float = 0.0, state: str = "") -> None:
        """Report the share of a job's step that is done."""

    def training(self, job: str, progress: Position) -> None:
        """Report the progress of a cell's training."""
        bits = [
            f"{row.valid_bits_per_character:.3f} validation bits per character" for row in progress.history[-1:]
        ]
        self.step(job, "training", progress.share, "".join(bits))

    def verifying(self, job: str, done: int, characters: int) -> None:
        """Report how many of these characters have been coded or decoded."""
        self.step(job, "verifying", done / characters)

    def end(self, job: str) -> None:
        """Report that a job has ended."""

    def finished(self, cell: Cell | FailedCell) -> None:
        """Report a finished cell."""


@contextmanager
def reporting(*, quiet: bool) -> Iterator[Reporter]:
    """Open a reporter for this process's standard error, or for the notebook that runs it."""
    console = Console(stderr=True, emoji=False)
    if quiet:
        yield Reporter()
    elif Console().is_jupyter:
        yield Notebook()
    elif console.is_interactive:  # a dumb terminal cannot move its cursor
        terminal = Terminal(console)
        with terminal.bars:
            yield terminal
    else:
        yield Log(console)


class View(Reporter):
    """Keeps what is in progress, with the time that everything planned still takes."""

    def __init__(self) -> None:
        self.schedule = Schedule()
        self._states: dict[str, str] = {}  # by job

    def plan(self, job: str, steps: Steps) -> None:
        self.schedule.plan(job, steps)

    def step(self, job: str, kind: str, share: float = 0.0, state: str = "") -> None:
        self.schedule.advance(job, kind, share)
        self._states[job] = state

    def end(self, job: str) -> None:
        self.schedule.end(job)

    def finished(self, cell: Cell | FailedCell) -> None:
        """Show the cell's bits per character, or why it has none."""
        text = "" if cell.fraction == 1 else f"{cell.fraction:g} of the training text, "
        if isinstance(cell, Cell):
            text += "" if cell.fold is None else f"fold {cell.fold}, "
            bits = f": {cell.bits_per_character.total:.4f} bits per character on the held-out text"
        else:
            bits = f" failed: {cell.reason}"
        self.stage(f"{cell.column}, {text}seed {cell.seed}{bits}")

    @property
    def rows(self) -> list[tuple[str, float, str]]:
        """The name, the share and the state of each job in progress, then of everything planned."""
        rows = [
            (printable(job), share, f"{kind}  {self._states.get(job, '')}".rstrip())
            for job, (kind, share) in self.schedule.running.items()
        ]
        return [*rows, ("everything", self.schedule.share, f"about {self.time_left} left")] if rows else []

    @property
    def time_left(self) -> str:
        """The time that everything planned still takes, as minutes and seconds."""
        minutes, seconds = divmod(round(self.schedule.left), 60)
        return f"{minutes}:{seconds:02}"


class Terminal(View):
    """Shows a bar for each job in progress below permanent lines. ``bars`` is a context manager."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        # Standard output may be a file.
        self.bars = Live(
            console=console,
            get_renderable=self._table,
            transient=True,
            redirect_stdout=False,
            refresh_per_second=4,
        )

    def stage(self, what: str) -> None:
        self._console.print(printable(what), markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for name, share, state in self.rows:
            bar = ProgressBar(total=1.0, completed=share, width=BAR_CHARACTERS)
            table.add_row(
                *(Text(text, no_wrap=True) for text in (name, f"{share:4.0%}")), bar, Text(state, no_wrap=True)
            )
        return table


class Log(View):
    """Writes a line for each step of a job, and now and then one on its progress."""

    def __init__(self, console: Console, seconds_between_lines: float = SECONDS_BETWEEN_LINES) -> None:
        super().__init__()
        self._console, self._seconds_between_lines = console, seconds_between_lines
        self._written: dict[str, tuple[str, float]] = {}  # by job: the step and the time of its last line

    def stage(self, what: str) -> None:
        self._console.print(printable(what), markup=False, highlight=False, soft_wrap=True)

    def step(self, job: str, kind: str, share: float = 0.0, state: str = "") -> None:
        super().step(job, kind, share, state)
        before, moment = self._written.get(job, ("", 0.0))
        if kind != before or share == 1 or time.monotonic() - moment >= self._seconds_between_lines:
            self._written[job] = kind, time.monotonic()
            parts = [f"{job}: {kind} {min(share, 1.0):.0%}", state, f"about {self.time_left} left"]
            self.stage(", ".join(filter(None, parts)))


class Notebook(View):
    """Shows lines and bars in the output of a notebook's cell."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        super().__init__()
        self._html, self._lines, self._shown = HTML, list[str](), 0.0
        self._output: Any = display(HTML(""), display_id=True)

    def stage(self, what: str) -> None:
        self._lines.append(what)
        self._show()

    def step(self, job: str, kind: str, share: float = 0.0, state: str = "") -> None:
        super().step(job, kind, share, state)
        if time.monotonic() - self._shown >= SECONDS_BETWEEN_VIEWS:
            self._show()

    def end(self, job: str) -> None:
        super().end(job)
        self._show()

    def _show(self) -> None:
        self._shown = time.monotonic()
        lines = "".join(f"<div>{escape(printable(line))}</div>" for line in self._lines)
        rows = "".join(
            f"<tr><td>{escape(name)}<td><progress value={share:.3f}></progress><td>{escape(state)}"
            for name, share, state in self.rows
        )
        self._output.update(self._html(f"{lines}<table>{rows}</table>"))
