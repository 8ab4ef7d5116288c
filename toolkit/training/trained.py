"""The outcome of training."""

from dataclasses import dataclass

from toolkit.inference.model import Model
from toolkit.results.cell import HistoryRow


class DivergedError(ArithmeticError):
    """Training failed; the message says how."""


@dataclass(frozen=True)
class Trained:
    """A model with the weights of its best check, and the history of its training.

    A history without a check says that the model is counted: the seed changes nothing, so one of its cells stands for
    those of all seeds.
    """

    model: Model
    history: list[HistoryRow]
    updates: int
    characters_seen: int
    seconds: float
