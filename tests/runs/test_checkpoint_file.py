"""Checkpoints in files: complete, and of one training."""

import numpy as np
import pytest

from toolkit.errors import InputError
from toolkit.runs.checkpoint_file import CheckpointFile
from toolkit.training.records import Checkpoint, Position

STATE = Checkpoint(Position(updates=3, nats_since_check=[0.1, 2.5]), {"weights/a": np.arange(3, dtype=np.float32)})


def test_a_checkpoint_comes_back_from_its_file(tmp_path):
    assert CheckpointFile(tmp_path / "a", {"seed": 1}).load() is None
    CheckpointFile(tmp_path / "a", {"seed": 1}).save(STATE)
    checkpoint = CheckpointFile(tmp_path / "a", {"seed": 1}).load()
    assert checkpoint.position == STATE.position
    np.testing.assert_array_equal(checkpoint.arrays["weights/a"], STATE.arrays["weights/a"])


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    CheckpointFile(tmp_path / "a", {"train": {"batch": 4}}).save(STATE)
    with pytest.raises(InputError, match=r"train\.batch"):
        CheckpointFile(tmp_path / "a", {"train": {"batch": 8}}).load()


@pytest.mark.parametrize("size", [0, 100])
def test_a_damaged_checkpoint_is_refused(tmp_path, size):
    store = CheckpointFile(tmp_path / "a", {})
    store.save(STATE)
    store.file.write_bytes(store.file.read_bytes()[:size])
    with pytest.raises(InputError, match="damaged"):
        store.load()
