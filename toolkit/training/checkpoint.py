"""The complete state of training: what a killed process leaves to the next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from toolkit.results import HistoryRow


class Position(BaseModel):
    """The state of training that is not in arrays. Updates count from 0; seconds are those that the budget counts."""

    model_config = ConfigDict(extra="forbid")

    updates: int = 0
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


class Forgetful:
    """Keeps nothing: for training that is never resumed."""

    def load(self) -> Checkpoint | None:
        """None."""
        return None

    def save(self, checkpoint: Checkpoint) -> None:
        """Do nothing."""
