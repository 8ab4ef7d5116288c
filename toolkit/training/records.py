"""The records of one training: its progress, its checkpoints and its outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from toolkit.config import CompareSettings
from toolkit.events.distribution import Arrays
from toolkit.events.encoding import Events, Tokenizer
from toolkit.inference.model import Model
from toolkit.results.cell import HistoryRow


class DivergedError(ArithmeticError):
    """Training failed; the message says how."""


class Encoded(NamedTuple):
    """The encodings that a model is made from: of the training and the validation documents."""

    training: Sequence[Events]
    valid: Sequence[Events]


class Position(BaseModel):
    """The state of training that is not in arrays.

    ``begun`` counts the updates of the finished training that this one continues. ``seconds`` are the seconds that
    count against a budget. ``checks_without`` counts checks in a row without a new best, and
    ``bad_checks`` those with a training loss far above ``first_nats``, the mean nats per token of
    the first update. ``nats_since_check`` has the mean nats per token of each update since the last
    check. ``share`` is the share done, in a report.
    """

    updates: int = 0
    begun: int = 0
    characters_seen: int = 0
    seconds: float = 0.0
    checks_without: int = 0
    bad_checks: int = 0
    first_nats: float | None = None
    nats_since_check: list[float] = []
    characters_since_check: int = 0
    history: list[HistoryRow] = []
    share: float = 0.0


Report = Callable[[Position], None]


Checkpoint = tuple[Position, Arrays]  # by name: weights, optimizer, carried states, best weights


@dataclass(frozen=True)
class Trained:
    """A model with the weights of its best check, and the end of its training.

    An empty history means that the model was counted. The seed changes nothing then, so one cell stands for all seeds.
    """

    model: Model
    end: Position


class Store(Protocol):
    """Keeps the latest checkpoint of one training."""

    def load(self) -> Checkpoint | None:
        """Return the checkpoint, or None if training has not started."""

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the previous checkpoint."""


class TrainingTask(NamedTuple):
    """All that a model is made from. ``report`` gets its progress, and ``store`` its checkpoints."""

    tokenizer: Tokenizer
    encoded: Encoded
    settings: CompareSettings
    seed: int
    report: Report
    store: Store | None


def final_checkpoint(weights: Arrays, history: Sequence[HistoryRow]) -> Checkpoint:
    """Return the end of a finished training, where another begins. It has neither moments nor states."""
    last = history[-1].model_dump(include={"updates", "characters_seen", "seconds"})
    position = Position(**last, begun=last["updates"], history=list(history))
    return position, {f"{group}/{name}": weights[name] for group in ("weights", "best") for name in weights}
