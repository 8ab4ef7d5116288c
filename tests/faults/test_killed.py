"""Killed at any moment, all of it or a part, the same command ends with the same numbers, arrays and texts."""

import random
import shutil
import time

import pytest

from tests.faults.commands import Command, kill, wait_until
from tests.faults.conftest import assert_same

pytestmark = pytest.mark.slow


def killed_again_and_again(arguments, undisturbed, folder, moments, who):
    """Start the command, kill it, or some of it, at each of these shares of its time; then let it end as ever.

    The exit codes, the last one of the command that was left alone. Where it was killed too late, because it had only
    gone on with what was there, it starts anew.
    """
    seconds = float((undisturbed / "seconds").read_text("utf-8"))
    codes = []
    for number, moment in enumerate(moments):
        running = Command(folder, *arguments)
        time.sleep(moment * seconds)
        kill(*who[number % len(who)](running))
        code = running.code()
        print(f"{number}: killed at {moment:.3f} of {seconds:.1f} s, exit code {code}")
        codes.append(code)
        if code == 2:
            assert "A worker process ended" in running.sentence()
        elif code == 0:
            assert_same(folder, undisturbed)
            shutil.rmtree(folder / "out")
    last = Command(folder, *arguments)
    return [*codes, last.code()]


def the_command(running):
    return [running.pid]


def a_worker(running):
    return running.workers()[:1]


def all_of_it(running):
    return [running.pid, *running.workers()]


def drawn(number):
    """So many moments, drawn anew each time; the seed that is printed draws the same ones."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    draw = random.Random(seed)
    return [draw.uniform(0, 0.9) for _ in range(number)]


def test_a_training_killed_at_random_moments_ends_the_same(little, undisturbed, tmp_path):
    arguments = "char", "--workers", "1"
    expected = undisturbed(*arguments)
    *killed, left_alone = killed_again_and_again(little(*arguments), expected, tmp_path, drawn(4), [the_command])
    assert set(killed) <= {0, -9}
    assert -9 in killed
    assert left_alone == 0
    assert_same(tmp_path, expected)


def test_a_command_and_its_workers_killed_at_random_moments_end_the_same(little, undisturbed, tmp_path):
    arguments, who = ("char@ngram,bpe@ngram", "--workers", "2"), [the_command, a_worker, all_of_it]
    expected = undisturbed(*arguments)
    *killed, left_alone = killed_again_and_again(little(*arguments), expected, tmp_path, drawn(6), who)
    assert set(killed) <= {0, 2, -9}
    assert left_alone == 0
    assert_same(tmp_path, expected)


def test_killed_while_it_replaces_a_comparison_it_is_whole_without_being_told_again(little, undisturbed, tmp_path):
    arguments = "char@ngram", "--workers", "1"
    expected = undisturbed(*arguments)
    shutil.copytree(expected / "out", tmp_path / "out")
    replacing = Command(tmp_path, *little(*arguments), "--fresh")
    wait_until(lambda: not (tmp_path / "out" / "comparison.json").exists())
    kill(replacing.pid)
    assert replacing.code() == -9
    assert Command(tmp_path, *little(*arguments)).code() == 0
    assert_same(tmp_path, expected)
