"""A training that is killed from within, between two checkpoints."""

from toolkit.training.records import Checkpoint


class KilledError(Exception):
    """Ends a training from within, as SIGKILL does from outside."""


class Mortal:
    """A store in memory that keeps copies and raises KilledError after a number of saves."""

    def __init__(self, saves):
        self.saves, self.kept = saves, None

    def load(self):
        return self.kept

    def save(self, checkpoint):
        arrays = {name: array.copy() for name, array in checkpoint.arrays.items()}
        self.kept = Checkpoint(checkpoint.position.model_copy(deep=True), arrays)
        self.saves -= 1
        if self.saves == 0:
            raise KilledError
