"""What a person sees while the work goes on: a bar in a terminal, plain lines elsewhere."""

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
    """On standard error: in a terminal a bar per cell in training, written over below what is said for good; elsewhere
    a line per cell now and then.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._bars: dict[str, str] = {}  # by cell, as they stand in the terminal
        self._last: dict[str, float] = {}  # by cell, when its last line was written

    def stage(self, what: str) -> None:
        """A step has begun; a cell's bar is left as it is."""
        cell, _, _ = what.partition(":")
        self._say(self._bars.get(cell), what, over=cell)

    def training(self, cell: str, progress: "Progress") -> None:
        """Share, bits per character of the last check, time left."""
        left = progress.seconds * max(0.0, 1 - progress.share) / progress.share if progress.share else 0.0
        valid = progress.valid_bits_per_character
        bits = f"{valid:.3f} bits per character on valid" if valid is not None else "before the first check"
        text = f"{cell}: {progress.share:4.0%}  {bar(progress.share)}  {bits}, {clock(left)} left"
        self._passing(cell, text, progress.share >= 1)

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """Share of the characters that were coded or decoded."""
        share = done / characters
        self._passing(cell, f"{cell}: {share:4.0%}  {bar(share)}  verifying", share >= 1)

    def finished(self, cell: Cell | FailedCell) -> None:
        """The cell's bits per character, or why it has none."""
        name = f"{cell.column}, seed {cell.seed}"
        if isinstance(cell, Cell):
            said = f"{name}: {cell.bits_per_character.total:.4f} bits per character on the held-out text"
        else:
            said = f"{name} failed: {cell.reason}"
        run = Path(cell.run).name
        self._say(self._bars.get(run), said, over=run)

    def _passing(self, cell: str, text: str, last: bool) -> None:
        """A cell's line that its next one replaces; where lines cannot be replaced, one every now and then."""
        if last:
            self._say(text, over=cell)
        elif self._terminal:
            self._draw(self._bars | {cell: text})
        elif time.monotonic() - self._last.get(cell, -SECONDS_BETWEEN_LINES) >= SECONDS_BETWEEN_LINES:
            self._last[cell] = time.monotonic()
            self._say(text)

    def _say(self, *lines: str | None, over: str = "") -> None:
        """Lines that stay, above the bars; the bar of a cell in which something is ``over`` goes."""
        said = "".join(f"{line}\n" for line in lines if line is not None)
        self._draw({cell: text for cell, text in self._bars.items() if cell != over}, said)

    def _draw(self, bars: dict[str, str], said: str = "") -> None:
        """Write over the bars: what is said for good, and the bars as they are now, as many as there is room for.

        The cursor is left on a line of its own, for whatever else may be written.
        """
        columns, rows = shutil.get_terminal_size()
        above = f"\x1b[{len(self._bars)}A\x1b[J" if self._bars else ""
        shown = list(bars.items())[: rows - 1]
        self._bars = dict(shown)
        lines = "".join(f"{text[: columns - 1]}\n" for _, text in shown)  # one that wraps could not be written over
        print(f"{above}{said}{lines}", end="", file=sys.stderr, flush=True)


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
