"""The progress of training, as it is reported."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.results.cell import HistoryRow


@dataclass(frozen=True)
class Progress:
    """The progress of training: the share done, and the checks so far."""

    share: float
    seconds: float
    updates: int
    history: Sequence[HistoryRow]

    @property
    def valid_bits_per_character(self) -> float | None:
        """Of the last check, or None before the first."""
        return self.history[-1].valid_bits_per_character if self.history else None

    @property
    def at_a_check(self) -> bool:
        """Whether the last update was followed by a check."""
        return bool(self.history) and self.history[-1].updates == self.updates
