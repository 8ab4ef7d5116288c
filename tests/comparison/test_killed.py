"""A comparison that is killed at random moments ends with the same bytes."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from toolkit.training.records import Position

pytestmark = pytest.mark.slow


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
        assert expected.keys() == weights.keys()
        for name, array in expected.items():
            np.testing.assert_array_equal(array, weights[name], err_msg=name)
        assert history(whole / "runs" / run) == history(killed / "runs" / run)
        assert not (killed / "runs" / run / "checkpoint").exists()
    assert sorted(path.name for path in (killed / "runs").iterdir()) == ["char-seed0", "word-unk-seed0"]
