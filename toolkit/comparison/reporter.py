"""What is reported while work is in progress."""

from typing import Protocol

from toolkit.results.cell import Cell, FailedCell
from toolkit.training.records import Progress


class Reporter(Protocol):
    """Receives reports on the progress of the work."""

    def stage(self, what: str) -> None:
        """A step starts; for a step of a cell, ``what`` begins with the name of its run and a colon."""
        ...

    def training(self, cell: str, progress: Progress) -> None:
        """The progress of a cell's training."""
        ...

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """How many of these characters have been coded or decoded."""
        ...

    def finished(self, cell: Cell | FailedCell) -> None:
        """A cell is finished."""
        ...


class Silent:
    """A reporter that shows nothing."""

    def stage(self, what: str) -> None:
        """A step starts."""

    def training(self, cell: str, progress: Progress) -> None:
        """The progress of a cell's training."""

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """How many characters have been coded or decoded."""

    def finished(self, cell: Cell | FailedCell) -> None:
        """A cell is finished."""
