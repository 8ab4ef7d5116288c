"""A disk that is full or read-only, other people's folders, two commands at once, clocks, memory: nothing is lost."""

import errno
import json
import os
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.commands import FORKS, LIMIT_SECONDS, Command, Refusing, wait_until
from tests.faults.conftest import assert_same

pytestmark = pytest.mark.slow

ALONE = ("char@ngram", "--workers", "1")
BOTH = ("char@ngram,bpe@ngram", "--workers", "1")
MEBIBYTE = 2**20


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_wherever_the_disk_is_full_a_sentence_says_so_and_nothing_finished_is_lost(little, undisturbed, tmp_path):
    """The same command again and again, which can write one file more each time, until it ends."""
    cell = tmp_path / "out" / "runs" / "char-ngram-seed0" / "cell.json"
    for after in range(40):
        finished = cell.read_bytes() if cell.exists() else None
        command = Command(tmp_path, *little(*ALONE), before=[Refusing("out", after)])
        if command.code() == 0:
            break
        assert command.code() == 2, command.said()
        assert "No space left on device" in command.sentence()
        assert "out" in command.sentence()  # which file
        assert finished is None or cell.read_bytes() == finished
    else:
        raise AssertionError("it never ended")
    assert after > 10
    assert_same(tmp_path, undisturbed(*ALONE))


def test_a_read_only_folder_is_said_before_anything_is_computed(little, tmp_path):
    command = Command(tmp_path, *little(*ALONE), before=[Refusing("out", number=errno.EROFS)])
    assert command.code() == 2
    assert "Read-only file system" in command.sentence()
    assert command.said().count("\n") == 1


def test_a_folder_of_somebody_else_s_is_left_as_it_is(little, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", "utf-8")
    for more in ((), ("--fresh",)):
        command = Command(tmp_path, *little(*ALONE), *more)
        assert command.code() == 2
        assert "out is not a comparison, but contains mine.txt" in command.sentence()
    assert list((tmp_path / "out").iterdir()) == [tmp_path / "out" / "mine.txt"]


def test_of_two_commands_on_one_folder_one_ends_with_a_sentence_and_the_other_as_ever(little, undisturbed, tmp_path):
    first = Command(tmp_path / "first", *little(*ALONE), "--out", tmp_path / "shared" / "out")
    wait_until((tmp_path / "shared" / "out" / "compare.toml").exists)
    second = Command(tmp_path / "second", *little(*ALONE), "--out", tmp_path / "shared" / "out")
    assert second.code() == 2
    assert "Another process is using" in second.sentence()
    assert first.code() == 0
    expected = json.loads((undisturbed(*ALONE) / "out" / "comparison.json").read_text("utf-8"))["contrasts"]
    assert json.loads((tmp_path / "shared" / "out" / "comparison.json").read_text("utf-8"))["contrasts"] == expected


def no_memory():
    """In this process there is no memory for one of the cells."""
    from toolkit.comparison.cell_work import CellWork

    new = CellWork.new

    def limited(work, *arguments):
        if work.spec.column.name == "char@ngram":
            raise MemoryError
        return new(work, *arguments)

    CellWork.new = limited


def no_memory_to_fit():
    """In this process there is no memory for what one of the columns learns from the training text."""
    from toolkit.comparison import cell

    fitted = cell.fitted

    def limited(basis, column, *documents):
        if column.name == "char@ngram":
            raise MemoryError
        return fitted(basis, column, *documents)

    cell.fitted = limited


@pytest.mark.parametrize("lack", [no_memory, no_memory_to_fit])
def test_if_there_is_no_memory_for_a_cell_the_others_go_on_and_the_same_command_computes_it(
    little, undisturbed, tmp_path, lack
):
    command = Command(tmp_path, *little(*BOTH), before=[lack])
    assert command.code() == 1, command.said()
    failed, done = json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8"))["cells"]
    assert (failed["status"], done["status"]) == ("failed", "done")
    assert "not enough memory" in failed["reason"]
    assert "char@ngram, seed 0 failed: there was not enough memory" in command.said()
    assert Command(tmp_path, *little(*BOTH)).code() == 0
    assert_same(tmp_path, undisturbed(*BOTH))


def clock_goes_back():
    """In this process it is an hour earlier each time that somebody asks; what runs evenly runs on."""
    import toolkit.comparison.comparison as module

    class Backwards(datetime):
        hours = 0

        @classmethod
        def now(cls, zone=None):
            cls.hours += 1
            return datetime(2020, 1, 1, tzinfo=zone) - timedelta(hours=cls.hours)

    time.time = lambda: Backwards.now(UTC).timestamp()
    module.datetime = Backwards


def test_a_clock_that_goes_back_changes_nothing(little, undisturbed, tmp_path):
    shutil.copytree(undisturbed(*ALONE) / "out", tmp_path / "out")
    (tmp_path / "out" / "comparison.json").unlink()  # as if it was ended just before
    for path in (tmp_path / "out").rglob("*"):
        os.utime(path, (4e9, 4e9))  # in the year 2096
    command = Command(tmp_path, *little(*ALONE), before=[clock_goes_back])
    assert command.code() == 0, command.said()
    assert json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8"))["created"].startswith("2019-12-31")
    assert_same(tmp_path, undisturbed(*ALONE))


def test_the_same_command_has_the_same_results_but_for_times(little, undisturbed, tmp_path):
    assert Command(tmp_path, *little(*BOTH)).code() == 0
    assert_same(tmp_path, undisturbed(*BOTH))


def memory_of_comparisons(folder, corpus, told):
    """Tell what memory this process has of its own after each of twenty comparisons."""
    import ctypes
    import gc

    import toolkit

    settings = {"samples": {"characters": 60, "count": 2}}
    for _ in range(20):
        toolkit.compare(
            "char@ngram", corpus=str(corpus), settings=settings, out=folder, fresh=True, quiet=True, workers=1
        )
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # what is free, but not given back, is no leak
        sizes = Path("/proc/self/smaps_rollup").read_text("utf-8")
        told.put(int(re.search(r"^Anonymous: *(\d+) kB", sizes, re.MULTILINE)[1]) * 1024)


def test_twenty_comparisons_in_a_row_take_no_more_memory_than_a_few(little_corpus, tmp_path):
    told = FORKS.Queue()
    process = FORKS.Process(target=memory_of_comparisons, args=(tmp_path / "out", little_corpus, told))
    process.start()
    taken = [told.get(timeout=LIMIT_SECONDS) for _ in range(20)]
    process.join()
    assert min(taken[16:]) - min(taken[2:6]) < 3 * MEBIBYTE, str([size // MEBIBYTE for size in taken])
