"""What is told of the work while it goes on, and who is told."""

from typing import Protocol

from toolkit.results import Cell, FailedCell
from toolkit.training.progress import Progress


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
