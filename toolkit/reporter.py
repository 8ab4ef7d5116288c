"""What is told of the work while it goes on, and who is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from toolkit.results import Cell, FailedCell, HistoryRow


@dataclass(frozen=True)
class Progress:
    """Where training stands: the share done, and the checks so far."""

    share: float
    seconds: float
    updates: int
    history: Sequence[HistoryRow]

    @property
    def valid_bits_per_character(self) -> float | None:
        """Of the last check; None before the first."""
        return self.history[-1].valid_bits_per_character if self.history else None

    @property
    def at_a_check(self) -> bool:
        """Whether there was a check after the last update."""
        return bool(self.history) and self.history[-1].updates == self.updates


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
