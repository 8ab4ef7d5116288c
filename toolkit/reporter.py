"""What is told of the work while it goes on, and who is told."""

from dataclasses import dataclass
from typing import Protocol

from toolkit.results import Cell, FailedCell


@dataclass(frozen=True)
class Progress:
    """Where training stands: the share done, and the bits per character of the last check (None before it)."""

    share: float
    seconds: float
    updates: int
    train_bits_per_character: float | None
    valid_bits_per_character: float | None


class Reporter(Protocol):
    """Who is told how the work goes on."""

    def stage(self, what: str) -> None:
        """A step has begun; one of a cell is told as the name of its run, a colon and what it is."""
        ...

    def training(self, cell: str, progress: Progress) -> None:
        """Training stands here."""
        ...

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """So many of these characters were coded or decoded."""
        ...

    def finished(self, cell: Cell | FailedCell) -> None:
        """A cell has its result."""
        ...
