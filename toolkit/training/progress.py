"""Where training stands, as those are told who wait for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.results import HistoryRow


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
