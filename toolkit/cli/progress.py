"""What a person sees while work is in progress: a bar in a terminal, plain lines elsewhere."""

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.results import Cell, FailedCell

if TYPE_CHECKING:
    from toolkit.training.progress import Progress

SECONDS_BETWEEN_LINES = 10.0


class Silent:
    """Prints nothing: ``--quiet``."""

    def stage(self, what: str) -> None:
        """A step starts."""

    def training(self, cell: str, progress: "Progress") -> None:
        """The progress of a cell's training."""

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """How many characters have been coded or decoded."""

    def finished(self, cell: Cell | FailedCell) -> None:
        """A cell is finished."""


class Lines:
    """Writes to standard error: in a terminal, a bar per cell in training, redrawn below permanent lines; elsewhere, a
    line per cell from time to time.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._bars: dict[str, str] = {}  # by cell, as currently shown in the terminal
        self._last: dict[str, float] = {}  # by cell, when its last line was written

    def stage(self, what: str) -> None:
        """Print that a step starts; a cell's bar becomes permanent as it is."""
        cell, _, _ = what.partition(":")
        self._print(self._bars.get(cell), what, finished=cell)

    def training(self, cell: str, progress: "Progress") -> None:
        """Show the share done, bits per character at the last check, and time left."""
        left = progress.seconds * max(0.0, 1 - progress.share) / progress.share if progress.share else 0.0
        valid = progress.valid_bits_per_character
        bits = f"{valid:.3f} bits per character on valid" if valid is not None else "before the first check"
        text = f"{cell}: {progress.share:4.0%}  {bar(progress.share)}  {bits}, {clock(left)} left"
        self._show(cell, text, progress.share >= 1)

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """Show the share of the characters that have been coded or decoded."""
        share = done / characters
        self._show(cell, f"{cell}: {share:4.0%}  {bar(share)}  verifying", share >= 1)

    def finished(self, cell: Cell | FailedCell) -> None:
        """Print the cell's bits per character, or why it has none."""
        name = f"{cell.column}, seed {cell.seed}"
        if isinstance(cell, Cell):
            line = f"{name}: {cell.bits_per_character.total:.4f} bits per character on the held-out text"
        else:
            line = f"{name} failed: {cell.reason}"
        run = Path(cell.run).name
        self._print(self._bars.get(run), line, finished=run)

    def _show(self, cell: str, text: str, last: bool) -> None:
        """Show a cell's line until its next one replaces it; where that is impossible, print one from time to time."""
        if last:
            self._print(text, finished=cell)
        elif self._terminal:
            self._draw(self._bars | {cell: text})
        elif time.monotonic() - self._last.get(cell, -SECONDS_BETWEEN_LINES) >= SECONDS_BETWEEN_LINES:
            self._last[cell] = time.monotonic()
            self._print(text)

    def _print(self, *lines: str | None, finished: str = "") -> None:
        """Print permanent lines above the bars; the bar of the cell ``finished`` disappears."""
        permanent = "".join(f"{line}\n" for line in lines if line is not None)
        self._draw({cell: text for cell, text in self._bars.items() if cell != finished}, permanent)

    def _draw(self, bars: dict[str, str], permanent: str = "") -> None:
        """Replace the shown bars by permanent lines and the new bars, as many as there is room for.

        The cursor is left on a new line, for whatever else may be written.
        """
        columns, rows = shutil.get_terminal_size()
        above = f"\x1b[{len(self._bars)}A\x1b[J" if self._bars else ""
        shown = list(bars.items())[: rows - 1]
        self._bars = dict(shown)
        lines = "".join(f"{text[: columns - 1]}\n" for _, text in shown)  # a line that wraps could not be overwritten
        print(f"{above}{permanent}{lines}", end="", file=sys.stderr, flush=True)


def bar(share: float, width: int = 24) -> str:
    """A bar of characters.

    >>> bar(0.5, 8)
    '━━━━────'
    """
    full = round(share * width)
    return "━" * full + "─" * (width - full)


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds.

    >>> clock(75.2)
    '1:15'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
