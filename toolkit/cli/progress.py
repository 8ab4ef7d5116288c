"""What a person sees while the work goes on: a bar in a terminal, plain lines elsewhere."""

import shutil
import sys
import time
from typing import TYPE_CHECKING

from toolkit.results import Cell, FailedCell

if TYPE_CHECKING:
    from toolkit.trainer import Progress

SECONDS_BETWEEN_LINES = 10.0


class Silent:
    """Says nothing: ``--quiet``."""

    def stage(self, what: str) -> None:
        """A step has begun."""

    def training(self, cell: str, progress: "Progress") -> None:
        """Training stands here."""

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """So many characters were coded or decoded."""

    def finished(self, cell: Cell | FailedCell) -> None:
        """A cell has its result."""


class Lines:
    """On standard error: in a terminal one line that is written over; elsewhere a line now and then."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = 0.0
        self._open = False

    def stage(self, what: str) -> None:
        """A step has begun."""
        self._line(what)

    def training(self, cell: str, progress: "Progress") -> None:
        """Share, bits per character of the last check, time left."""
        left = progress.seconds * (1 - progress.share) / progress.share if progress.share else 0.0
        valid = progress.valid_bits_per_character
        bits = f"{valid:.3f} bits per character on valid" if valid is not None else "before the first check"
        self._passing(
            f"{cell}: {progress.share:4.0%}  {bar(progress.share)}  {bits}, {clock(left)} left", progress.share >= 1
        )

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """Share of the characters that were coded or decoded."""
        share = done / characters
        self._passing(f"{cell}: {share:4.0%}  {bar(share)}  verifying", share >= 1)

    def finished(self, cell: Cell | FailedCell) -> None:
        """The cell's bits per character, or why it has none."""
        name = f"{cell.column}, seed {cell.seed}"
        if isinstance(cell, Cell):
            self._line(f"{name}: {cell.bits_per_character.total:.4f} bits per character on the held-out text")
        else:
            self._line(f"{name} failed: {cell.reason}")

    def _line(self, text: str) -> None:
        if self._open:
            print(file=sys.stderr)
            self._open = False
        print(text, file=sys.stderr, flush=True)

    def _passing(self, text: str, last: bool) -> None:
        """A line that the next one replaces; where lines cannot be replaced, one every now and then."""
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1  # a line that wraps could not be written over
            print(f"\r\x1b[K{text[:width]}", end="\n" if last else "", file=sys.stderr, flush=True)
            self._open = not last
        elif last or time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            print(text, file=sys.stderr, flush=True)
            self._last = time.monotonic()


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
