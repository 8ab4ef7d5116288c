"""What more training text gives: bits against characters of training text, and where columns cross."""

from toolkit.results.contrasts import is_settled
from toolkit.results.record import Record


class HeldBack(Record):
    """Bits per character at the largest fraction: predicted by a curve fitted on the others, and measured."""

    predicted: float
    measured: float


class ScalingCurve(Record):
    """A column's bits per character after n characters of training text, fitted as offset + factor · n^(−exponent)."""

    column: str
    offset: float
    factor: float
    exponent: float
    held_back: HeldBack | None = None  # None with fewer than four fractions: a curve needs three

    def at(self, characters: float) -> float:
        """Bits per character after so many characters of training text."""
        return float(self.offset + self.factor * characters**-self.exponent)


class DifferenceAt(Record):
    """A difference a − b in bits per character after training on a fraction, with its interval and p.

    Both are for all pairs of columns at all fractions together.
    """

    fraction: float
    characters: int
    difference: float
    low: float
    high: float
    p: float

    @property
    def settled(self) -> bool:
        """Whether one of the columns needs fewer bits at this fraction."""
        return is_settled(self.low, self.high, self.p)


class Crossing(Record):
    """Where two columns cross, in characters of training text, with an interval; None where they do not."""

    a: str
    b: str
    differences: list[DifferenceAt]
    at: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: str


class Scaling(Record):
    """Curves by column and crossings by pair of columns; ``notes`` say what weakens the curves."""

    curves: list[ScalingCurve]
    crossings: list[Crossing]
    notes: list[str] = []
