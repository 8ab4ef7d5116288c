"""The complete state of training: what a killed process leaves to the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from toolkit.results.cell import HistoryRow


class Position(BaseModel):
    """The state of training that is not in arrays. Updates count from 0; seconds are those that the budget counts."""

    model_config = ConfigDict(extra="forbid")

    updates: int = 0
    begun: int = 0  # the updates of the finished training that this one goes on from
    characters_seen: int = 0
    seconds: float = 0.0
    cooled: float = 1.0  # the factor of the schedule's rate
    checks_without: int = 0  # in a row without a new best
    bad_checks: int = 0  # in a row with a training loss above a uniform model's
    nats_since_check: list[float] = []  # mean nats per token of each update since the last check
    characters_since_check: int = 0
    history: list[HistoryRow] = []


@dataclass(frozen=True)
class Checkpoint:
    """A position and its arrays by name: weights, optimizer, carried states, best weights."""

    position: Position
    arrays: Mapping[str, npt.NDArray[np.float32]]


class Store(Protocol):
    """Keeps the latest checkpoint of one training."""

    def load(self) -> Checkpoint | None:
        """The checkpoint, or None if training has not started."""
        ...

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep this one instead of the previous one."""
        ...


class Further:
    """A store for training that goes on from a finished one, which has left its best weights and its history."""

    def __init__(
        self, store: Store, weights: Mapping[str, npt.NDArray[np.float32]], history: Sequence[HistoryRow]
    ) -> None:
        self.store, self.weights, self.history = store, weights, history

    def load(self) -> Checkpoint:
        """The checkpoint, or else what the finished training has left: neither moments nor states."""
        if checkpoint := self.store.load():
            return checkpoint
        last = self.history[-1]
        position = Position(
            updates=last.updates,
            begun=last.updates,
            characters_seen=last.characters_seen,
            seconds=last.seconds,
            history=list(self.history),
        )
        arrays = {f"{group}/{name}": array for group in ("weights", "best") for name, array in self.weights.items()}
        return Checkpoint(position, arrays)

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep this one instead of the previous one."""
        self.store.save(checkpoint)


class Forgetful:
    """Keeps nothing: for training that is never resumed."""

    def load(self) -> Checkpoint | None:
        """None."""
        return None

    def save(self, checkpoint: Checkpoint) -> None:
        """Do nothing."""


FORGETFUL = Forgetful()
