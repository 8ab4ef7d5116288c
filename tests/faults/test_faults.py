"""A disk that is full or read-only, two commands at once, too little memory: nothing is lost."""

import errno
import json
import os
import re
from pathlib import Path

import pytest

from tests.faults.commands import FORKS, LIMIT_SECONDS, Command, Refusing
from tests.faults.conftest import assert_same, results
from tests.helpers.dask_processes import wait_until
from toolkit.errors import OUT_OF_MEMORY

pytestmark = pytest.mark.slow

ALONE = ("char@ngram", "--workers", "1")
BOTH = ("char@ngram,bpe@ngram", "--workers", "1")
MEBIBYTE = 2**20


def test_wherever_the_disk_is_full_a_sentence_says_so_and_nothing_finished_is_lost(little, undisturbed, tmp_path):
    """The same command again and again, which can write four files more each time, until it ends."""
    cell = tmp_path / "out" / "runs" / "char-ngram-seed0" / "cell.json"
    for after in range(0, 60, 4):
        finished = cell.read_bytes() if cell.exists() else None
        command = Command(tmp_path, *little(*ALONE), before=[Refusing("out", after)])
        if command.code() == 0:
            break
        assert command.code() == 2, command.said()
        assert os.strerror(errno.ENOSPC) in command.sentence()
        assert "out" in command.sentence()  # which file
        assert finished is None or cell.read_bytes() == finished
    else:
        raise AssertionError("it never ended")
    assert after > 10
    assert_same(tmp_path, undisturbed(*ALONE))


def test_a_read_only_folder_is_said_before_anything_is_computed(little, tmp_path):
    command = Command(tmp_path, *little(*ALONE), before=[Refusing("out", number=errno.EROFS)])
    assert command.code() == 2
    assert os.strerror(errno.EROFS) in command.sentence()
    assert command.said().count("\n") == 1


def test_of_two_commands_on_one_folder_one_is_refused_and_the_other_ends_as_ever(little, undisturbed, tmp_path):
    arguments = *little(*ALONE), "--out", tmp_path / "shared" / "out"
    first = Command(tmp_path / "first", *arguments)
    wait_until((tmp_path / "shared" / "out" / "compare.toml").exists)
    second = Command(tmp_path / "second", *arguments)
    assert second.code() == 2
    assert str(tmp_path / "shared" / "out") in second.sentence()
    assert first.code() == 0
    shared, alone = results(tmp_path / "shared"), results(undisturbed(*ALONE))
    assert {name for name in shared if shared[name] != alone[name]} == {"comparison.json"}  # has the command line


def test_if_there_is_no_memory_for_a_cell_the_others_go_on_and_the_same_command_computes_it(
    little, undisturbed, tmp_path
):
    command = Command(tmp_path, *little(*BOTH), before=[Refusing("out/runs/.char-ngram", number=errno.ENOMEM)])
    assert command.code() == 1, command.said()
    failed, done = json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8"))["cells"]
    assert (failed["status"], done["status"]) == ("failed", "done")
    assert failed["reason"] == OUT_OF_MEMORY
    assert Command(tmp_path, *little(*BOTH)).code() == 0
    assert_same(tmp_path, undisturbed(*BOTH))


def memory_of_comparisons(folder, corpus, told):
    """Tell what memory this process has of its own after each of ten comparisons."""
    import ctypes
    import gc

    import toolkit

    settings = {"samples": {"characters": 60, "count": 2}}
    for _ in range(10):
        toolkit.compare(
            "char@ngram", corpus=str(corpus), settings=settings, out=folder, fresh=True, quiet=True, workers=1
        )
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # what is free, but not given back, is no leak
        sizes = Path("/proc/self/smaps_rollup").read_text("utf-8")
        told.put(int(re.search(r"^Anonymous: *(\d+) kB", sizes, re.MULTILINE)[1]) * 1024)


def test_ten_comparisons_in_a_row_take_no_more_memory_than_a_few(brief_folder, tmp_path):
    told = FORKS.Queue()
    process = FORKS.Process(target=memory_of_comparisons, args=(tmp_path / "out", brief_folder, told))
    process.start()
    taken = [told.get(timeout=LIMIT_SECONDS) for _ in range(10)]
    process.join()
    assert min(taken[7:]) - min(taken[2:5]) < 2 * MEBIBYTE, str([size // MEBIBYTE for size in taken])
