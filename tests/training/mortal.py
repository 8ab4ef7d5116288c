"""A training that is killed from within, between two checkpoints."""

from toolkit.training.checkpoint import Checkpoint


class KilledError(Exception):
    """What ends a training from within, as SIGKILL would from without."""


class Mortal:
    """Keeps checkpoints in memory, as copies, and dies after so many."""

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
