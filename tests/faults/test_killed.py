"""Killed at any moment, as a whole or in part, the same command ends with the same numbers, arrays and texts."""

import random
import shutil
import time

import pytest

from tests.faults.commands import Command, kill
from tests.faults.conftest import assert_same
from tests.helpers.dask_processes import wait_until

pytestmark = pytest.mark.slow

RUNS = ("char-seed0", "bpe-ngram-seed0")
MOMENTS = {
    "in training": lambda out: (out / "runs" / "char-seed0" / "checkpoint" / "state.safetensors").exists(),
    "after one cell": lambda out: any((out / "runs" / run / "cell.json").exists() for run in RUNS),
    "after all cells": lambda out: all((out / "runs" / run / "cell.json").exists() for run in RUNS),
}


def test_killed_at_chosen_moments_it_ends_the_same(little, undisturbed, tmp_path):
    arguments = "char,bpe@ngram", "--workers", "1"
    for moment in MOMENTS.values():
        command = Command(tmp_path, *little(*arguments))
        wait_until(lambda moment=moment: moment(tmp_path / "out"))
        kill(command.pid)
        assert command.code() == -9
        assert not (tmp_path / "out" / "comparison.json").exists()
    assert Command(tmp_path, *little(*arguments)).code() == 0
    assert_same(tmp_path, undisturbed(*arguments))


def test_killed_while_it_replaces_a_comparison_it_is_computed_without_fresh(little, undisturbed, tmp_path):
    arguments = "char@ngram", "--workers", "1"
    expected = undisturbed(*arguments)
    shutil.copytree(expected / "out", tmp_path / "out")
    command = Command(tmp_path, *little(*arguments), "--fresh")
    wait_until(lambda: not (tmp_path / "out" / "comparison.json").exists())
    kill(command.pid)
    assert command.code() == -9
    assert Command(tmp_path, *little(*arguments)).code() == 0
    assert_same(tmp_path, expected)


def the_command(command):
    return [command.pid]


def a_worker(command):
    return command.workers()[:1]


def all_processes(command):
    return [command.pid, *command.workers()]


def killed_at_random(arguments, expected, folder, kills, victims, repair=lambda: None):
    """Start a command again and again, kill some of its processes at a random moment, and let the last one end.

    A command that ends before its moment has the expected results, and the next one starts anew.
    """
    seconds = float((expected / "seconds").read_text("utf-8"))
    seed = random.SystemRandom().randrange(10**6)
    draw = random.Random(seed)
    for number in range(kills):
        command, moment = Command(folder, *arguments), draw.uniform(0, 0.9)
        time.sleep(moment * seconds)
        kill(*victims[number % len(victims)](command))
        code = command.code()
        print(f"seed {seed}, {number}: killed at {moment:.3f} of {seconds:.1f} s, exit code {code}")
        assert code in (0, 2, -9), command.said()
        if code == 2:
            command.sentence()  # without a traceback
        elif code == 0:
            assert_same(folder, expected)
            shutil.rmtree(folder / "out")
        repair()
    last = Command(folder, *arguments)
    assert last.code() == 0, last.said()
    assert_same(folder, expected)


RANDOM = [
    (10, ("char", "--workers", "1"), [the_command]),
    (20, ("char@ngram,bpe@ngram", "--workers", "2"), [the_command, a_worker, all_processes]),
    (40, ("char@ngram,word:unk@ngram", "--folds", "5", "--workers", "2"), [the_command, a_worker, all_processes]),
]


@pytest.mark.nightly
@pytest.mark.parametrize(("kills", "arguments", "victims"), RANDOM, ids=["training", "workers", "folds"])
def test_killed_at_random_moments_it_ends_the_same(little, undisturbed, tmp_path, kills, arguments, victims):
    killed_at_random(little(*arguments), undisturbed(*arguments), tmp_path, kills, victims)


@pytest.mark.nightly
@pytest.mark.parametrize("kills", [40])
def test_killed_at_random_moments_on_a_cluster_it_ends_the_same(little, undisturbed, cluster, tmp_path, kills):
    def a_cluster_worker(_):
        return [cluster.workers[0].pid]

    arguments = "char@ngram,bpe@ngram", "--scheduler", cluster.address
    expected, victims = undisturbed(*arguments), [the_command, a_cluster_worker]
    killed_at_random(
        little(*arguments), expected, tmp_path, kills, victims, repair=lambda: cluster.have_workers(2)
    )
