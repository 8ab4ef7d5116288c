"""Functions in a process of their own: results, what they raise, and that the process knows nothing of this one."""

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from toolkit.errors import KILLED, ContractError, InputError, KilledError
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results.cell import FailedCell
from toolkit.runs.process import Aside, ProcessEndedError, said


def total(*numbers_and_report):
    *numbers, report = numbers_and_report
    for number in numbers:
        report(number)
    return sum(numbers)


def place(report):  # noqa: ARG001
    return os.getpid(), os.getcwd(), sorted(name for name in sys.modules if "test" in name)


def refuse(report):  # noqa: ARG001
    raise InputError("No such thing; give another.")


def fail(report):  # noqa: ARG001
    raise KeyError("this\nand that")


def leave(report):  # noqa: ARG001
    os._exit(7)


def wait(report):
    report(1)
    time.sleep(3000)


def classify(report=None):  # noqa: ARG001
    return RARE_WORDS.make("faulty").class_of(None)


FAULTY = """
import statistics
from toolkit.rare_words import RARE_WORDS, RareWords


@RARE_WORDS.add("faulty")
class Faulty(RareWords):
    def class_of(self, word):
        return statistics.mean([])
"""
WAITING = """
from test_process import wait
from toolkit.runs.process import Aside
Aside({}).call(wait, report=lambda done: print("computing", flush=True))
"""


@pytest.fixture(scope="module")
def aside(tmp_path_factory):
    with Aside({}, tmp_path_factory.mktemp("aside")) as process:
        yield process


def test_a_task_reports_and_has_a_result(aside):
    told = []
    assert aside.call(total, 3, 4, report=told.append) == 7
    assert told == [3, 4]


def test_the_process_is_another_one_in_a_folder_of_its_own(aside):
    process, folder, _ = aside.call(place)
    assert process != os.getpid()
    assert folder != os.getcwd()


def test_what_a_task_raises_is_a_sentence_and_the_next_one_is_computed(aside):
    with pytest.raises(InputError, match=r"^No such thing; give another\.$"):
        aside.call(refuse)
    with pytest.raises(ContractError, match=r"^its code raises KeyError: 'this\\nand that'$"):
        aside.call(fail)
    assert aside.call(total, 1) == 1


@pytest.fixture
def faulty(tmp_path, monkeypatch):
    """A file of code, as it is given by a command in the folder of its folder, with its digest."""
    monkeypatch.chdir(tmp_path)
    (file := tmp_path / "code" / "faulty.py").parent.mkdir()
    file.write_text(FAULTY, "utf-8")
    with RARE_WORDS.restored():
        yield {str(file): load_code(file.relative_to(tmp_path))}


def test_what_a_file_of_code_raises_is_said_with_its_place_as_the_file_was_given_in_any_process(
    faulty, tmp_path_factory
):
    sentence = (
        "its code raises StatisticsError in class_of (code/faulty.py, line 9): mean requires at least one data point"
    )
    with pytest.raises(ValueError, match="at least one") as here:
        classify()
    assert said(here.value) == sentence
    with Aside(faulty, tmp_path_factory.mktemp("elsewhere")) as process, pytest.raises(ContractError) as there:
        process.call(classify)
    assert str(there.value) == sentence


def test_a_process_that_ends_is_a_sentence():
    with Aside({}) as process:
        with pytest.raises(ContractError, match="ended before its task did, with exit code 7"):
            process.call(leave)
        assert not process.alive
        with pytest.raises(ProcessEndedError, match="with exit code 7"):  # whenever it is called
            process.call(total)


def test_a_file_of_code_that_has_changed_is_refused(tmp_path):
    (tmp_path / "mine.py").write_text("", "utf-8")
    with (
        Aside({str(tmp_path / "mine.py"): "0" * 64}) as process,
        pytest.raises(InputError, match="has changed since it was run"),
    ):
        process.call(total)


def test_it_ends_with_its_parent():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", WAITING], env=environment, **pipes) as parent:
        assert parent.stdout.readline() == "computing\n"
        parent.kill()
        said = parent.communicate(timeout=300)[1]  # ends once the process, which shares standard error, has ended
    assert said == ""


def killed(report):  # noqa: ARG001
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_was_killed_is_nobodys_fault():
    with Aside({}) as process, pytest.raises(KilledError, match="was killed, as systems do when memory runs short"):
        process.call(killed)
    failed = FailedCell(
        column="a", tokenizer="a", strategy=None, model="lstm", seed=0, fraction=1.0, run="a", reason=KILLED
    )
    assert failed.may_succeed  # the same command computes it


def raise_it(error, report):  # noqa: ARG001
    raise error


def refuse_because(error, report):  # noqa: ARG001
    raise InputError("The cache cannot be written.") from error


def test_what_the_machine_lacks_is_not_the_fault_of_the_code_that_runs_into_it(aside):
    full = OSError(errno.ENOSPC, "No space left on device", "ids")
    with pytest.raises(MemoryError, match=r"^no room$"):
        aside.call(raise_it, MemoryError("no room"))
    with pytest.raises(OSError, match="No space left on device: 'ids'"):
        aside.call(raise_it, full)
    with pytest.raises(InputError) as refused:
        aside.call(refuse_because, full)
    assert refused.value.__cause__.errno == errno.ENOSPC
    with pytest.raises(ContractError, match="OSError"):  # a place that nobody told it to write to
        aside.call(raise_it, OSError(errno.EROFS, "Read-only file system", "beside the package"))
