"""Killed and resumed equals uninterrupted: array by array, at any moment, in a process that is really killed."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from mortal import KilledError, Mortal
from safetensors import safe_open
from safetensors.numpy import load_file

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.errors import InputError
from toolkit.runs.checkpoint_file import CheckpointFile
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.words import Words
from toolkit.training.records import Checkpoint, DivergedError, Position
from toolkit.training.trainer import train

pytestmark = pytest.mark.slow

NETWORK = NetworkSettings(units=8, embedding=8, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1)
TRAIN = TrainSettings(
    epochs=2, batch=4, window_characters=80, checks=6, learning_rate=0.05, checkpoint_seconds=0.0, patience=5
)


def trained(tokenizer, split, settings, store, layers=1):
    network = NETWORK.model_copy(update={"layers": layers})
    training, valid = ([tokenizer.encode(document) for document in part] for part in (split.train, split.valid))
    return train(tokenizer, training, valid, network, settings, 0, lambda _: None, store)


def assert_same(arrays, others):
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def without_seconds(history):
    return [row.model_dump(exclude={"seconds"}) for row in history]


@pytest.mark.parametrize(
    ("layers", "changes", "moments"),
    [
        (1, {}, (1, 6, -1)),  # before the first update, between checks, after the last
        (2, {"optimizer": "sgd", "learning_rate": 2.0, "cooling": 1.0, "towers": 1}, (8,)),
        (1, {"forgotten": 0.5}, (9,)),
        (1, {"epochs": None, "updates": 36, "checks": 9, "learning_rate": 0.7}, (12,)),  # back to the best weights
    ],
)
def test_training_killed_after_any_checkpoint_ends_with_the_same_weights(split, layers, changes, moments):
    settings = TRAIN.model_copy(update=changes)
    tokenizer = Words("unk").fit(split.train, split.valid)
    whole = Mortal(-1)
    expected = trained(tokenizer, split, settings, whole, layers)
    saves = -1 - whole.saves
    if settings.epochs is None:
        bits = [row.valid_bits_per_character for row in expected.history]
        assert bits != sorted(bits, reverse=True)  # a check was not the best, and training went back
    assert saves > expected.updates  # before every update, and after every check
    for moment in moments:
        store = Mortal(moment % (saves + 1))
        with pytest.raises(KilledError):
            trained(tokenizer, split, settings, store, layers)
        resumed = trained(tokenizer, split, settings, store, layers)
        assert without_seconds(resumed.history) == without_seconds(expected.history)
        assert (resumed.updates, resumed.characters_seen) == (expected.updates, expected.characters_seen)
        assert_same(expected.model.network.arrays(), resumed.model.network.arrays())


def test_a_budget_counts_what_was_spent_before_the_kill(split):
    tokenizer = Characters().fit(split.train)
    settings = TRAIN.model_copy(update={"epochs": None, "budget_seconds": 1.5})
    store = Mortal(8)
    with pytest.raises(KilledError):
        trained(tokenizer, split, settings, store)
    killed = store.kept.position.updates
    assert 0 < store.kept.position.seconds < 1.5
    store.kept.position.seconds = 1.4999
    resumed = trained(tokenizer, split, settings, store)
    assert resumed.updates <= killed + 1  # not for another one and a half seconds


def test_a_training_that_diverged_does_so_again(split, tmp_path):
    tokenizer = Characters().fit(split.train)
    settings = TRAIN.model_copy(update={"learning_rate": float("inf")})
    for _ in range(2):  # the second begins with a checkpoint of the first, whose weights are no numbers
        with pytest.raises(DivergedError, match="nan"):
            trained(tokenizer, split, settings, CheckpointFile(tmp_path / "run", {}))
        assert CheckpointFile(tmp_path / "run", {}).load().position.updates > 0


def compare(folder, corpus, workers):
    """Start a comparison that keeps a checkpoint of every update."""
    settings = ("network.units=12", "train.batch=4", "train.window_characters=60",
                "train.checkpoint_seconds=0", "samples.characters=60", "samples.count=2")  # fmt: skip
    command = f"compare --tokenizers char,word:unk --epochs 8 --quiet --workers {workers} --corpus {corpus}"
    command = [*command.split(), "--out", str(folder), *(f"--set={setting}" for setting in settings)]
    return subprocess.Popen(
        [sys.executable, "-m", "toolkit", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process):
    _, errors = process.communicate()
    assert process.returncode == 0, errors


def position(run):
    """Return the position of a run's checkpoint, or None without one."""
    try:
        with safe_open(run / "checkpoint" / "state.safetensors", "numpy") as opened:
            return Position.model_validate_json(opened.metadata()["position"])
    except FileNotFoundError:
        return None


def history(run):
    """history.csv without the seconds."""
    lines = (run / "history.csv").read_text("utf-8").splitlines()
    return [row | {"seconds": ""} for row in csv.DictReader(lines)]


def kill_when(process, reached):
    """SIGKILL to the process as soon as the condition holds."""
    deadline = time.monotonic() + 120
    while not reached():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_a_comparison_killed_again_and_again_ends_as_one_that_was_not(brief_folder, tmp_path):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    first = killed / "runs" / "char-seed0"
    finish(compare(whole, brief_folder, 1))
    kill_when(compare(killed, brief_folder, 2), lambda: (at := position(first)) is not None and at.updates >= 7)
    assert position(first).updates >= 7
    kill_when(compare(killed, brief_folder, 1), (first / "cell.json").exists)
    written = (first / "cell.json").stat().st_mtime_ns
    finish(compare(killed, brief_folder, 1))
    assert (first / "cell.json").stat().st_mtime_ns == written  # a finished cell is not repeated
    for run in ("char-seed0", "word-unk-seed0"):
        expected, weights = (load_file(folder / "runs" / run / "weights.safetensors") for folder in (whole, killed))
        assert_same(expected, weights)
        assert history(whole / "runs" / run) == history(killed / "runs" / run)
        assert not (killed / "runs" / run / "checkpoint").exists()
    assert sorted(path.name for path in (killed / "runs").iterdir()) == ["char-seed0", "word-unk-seed0"]


STATE = Checkpoint(Position(updates=3, nats_since_check=[0.1, 2.5]), {"weights/a": np.arange(3, dtype=np.float32)})


def test_a_checkpoint_comes_back_from_its_file(tmp_path):
    assert CheckpointFile(tmp_path / "a", {"seed": 1}).load() is None
    CheckpointFile(tmp_path / "a", {"seed": 1}).save(STATE)
    kept = CheckpointFile(tmp_path / "a", {"seed": 1}).load()
    assert kept.position == STATE.position
    np.testing.assert_array_equal(kept.arrays["weights/a"], STATE.arrays["weights/a"])


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
