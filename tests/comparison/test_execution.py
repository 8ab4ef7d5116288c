"""Tasks have the same results here and in processes; reports, failures and deaths reach whoever waits, and end it."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from toolkit.comparison.execution import SerialExecutor, WorkerEndedError, processes, threads_each
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.request import Request
from toolkit.comparison.work import worker_work
from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.network.share import SHARE
from toolkit.runs.columns import parse_columns
from toolkit.runs.process import Aside

HELD_SECONDS = 60


class Squares:
    """A work: squares a number, and says so."""

    def __init__(self, reporter):
        self.reporter = reporter
        self.done = 0

    def square(self, number):
        self.reporter.stage(f"cell{number}: squaring")
        self.reporter.verifying(f"cell{number}", number, 10)
        self.done += 1
        return number, number**2, os.getpid()

    def refuse(self, number, beside):
        """Refuse the number while another worker holds the lock."""
        wait_until(lambda: is_held(beside))
        raise InputError(f"There is no {number}; give another.")

    def end_at_once(self):
        """Be killed."""
        os.kill(os.getpid(), signal.SIGKILL)

    def leave(self):
        """End with a code, as what crashes does."""
        os._exit(7)

    def group(self):
        """The process group, to all of which a terminal sends Ctrl-C."""
        return os.getpgrp()

    def fail(self):
        """Raise what is no sentence for a user."""
        raise KeyError("nothing")

    def meet(self, folder, name, number):
        """Wait until so many tasks are being computed, each of which leaves a file."""
        (folder / name).touch()
        wait_until(lambda: len(list(folder.iterdir())) == number, HELD_SECONDS)
        return name

    def hold(self, path):
        """Hold a lock, which ends with the process, for longer than a test takes."""
        with open(path, "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            time.sleep(HELD_SECONDS)


def no_work(reporter):  # noqa: ARG001
    raise InputError("The work cannot be made; mend it.")


class Told(Silent):
    """What was reported, and by whom: a reporter is in one process."""

    def __init__(self):
        self.reports = []

    def stage(self, what):
        self.reports.append((what, os.getpid()))

    def verifying(self, cell, done, characters):
        self.reports.append((f"{cell}: {done} of {characters}", os.getpid()))


def is_held(path):
    """Whether a process holds the lock on a file."""
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def wait_until(condition, seconds=20):
    """The condition comes true before the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def squares(executor, told):
    """What the executor makes of three numbers, each with those below it; and that what was told came first."""
    found = []

    def then(result):
        number, _, _ = result
        assert [f"cell{number}: {number} of 10"] == [
            said for said, _ in told.reports if f"cell{number}: {number}" in said
        ]
        found.append(result)
        if number in (4, 6):
            executor.submit(partial(Squares.square, number=number - 1), then)

    for number in (4, 6, 9):
        executor.submit(partial(Squares.square, number=number), then)
    executor.run()
    return found


def test_tasks_and_those_that_they_lead_to_have_the_same_results_here_and_in_processes():
    told = Told()
    here = squares(SerialExecutor(Squares(told)), told)
    assert [number for number, *_ in here] == [4, 6, 9, 3, 5]  # in the order in which they came
    assert {pid for *_, pid in here} == {os.getpid()}
    with processes(Squares, 2, told_there := Told()) as executor:
        there = squares(executor, told_there)
    assert sorted(result[:2] for result in there) == sorted(result[:2] for result in here)
    pids = {pid for *_, pid in there}
    assert os.getpid() not in pids
    assert len(pids) <= 2
    assert sorted(told_there.reports) == sorted(told.reports)  # each by this process


def computed(make, *tasks, number=2):
    """The results of tasks in some processes."""
    found = []
    with processes(make, number, Silent()) as executor:
        for task in tasks:
            executor.submit(task, found.append)
        executor.run()
    return found


def test_what_a_task_refuses_is_raised_here_and_ends_the_others(tmp_path):
    held = tmp_path / "lock"
    with pytest.raises(InputError, match=r"There is no 3; give another\."):
        computed(Squares, partial(Squares.hold, path=held), partial(Squares.refuse, number=3, beside=held))
    assert not is_held(held)


def test_a_work_that_cannot_be_made_says_why():
    with pytest.raises(InputError, match="cannot be made; mend it"):
        computed(no_work, partial(Squares.square, number=3))


def test_if_a_process_is_killed_the_others_go_on_and_a_sentence_says_what_to_do():
    results = []
    with processes(Squares, 2, Silent()) as executor:
        executor.submit(Squares.end_at_once, results.append)
        for number in range(5):
            executor.submit(partial(Squares.square, number=number), results.append)
        with pytest.raises(WorkerEndedError, match="was killed") as error:
            executor.run()
    assert sorted(squared for _, squared, _ in results) == [0, 1, 4, 9, 16]
    assert "--workers" in str(error.value)


@pytest.mark.parametrize("number", [1, 2])
def test_if_all_processes_are_killed_nothing_waits_for_them(number):
    with processes(Squares, number, Silent()) as executor:
        for _ in range(4):
            executor.submit(Squares.end_at_once, print)
        with pytest.raises(WorkerEndedError):
            executor.run()


def test_as_many_tasks_as_there_are_workers_are_computed_at_once(tmp_path):
    tasks = [partial(Squares.meet, folder=tmp_path, name=name, number=4) for name in "abcd"]
    assert sorted(computed(Squares, *tasks, number=4)) == list("abcd")


SCRIPT = """
import sys
from functools import partial
from test_execution import Squares
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.execution import processes

try:  # not under __name__ == "__main__": no worker runs this script
    with processes(Squares, 2, Silent()) as executor:
        for path in sys.argv[1:]:
            executor.submit(partial(Squares.hold, path=path), print)
        executor.run()
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("ended_by", "code"),
    [
        (lambda process: os.killpg(process.pid, signal.SIGINT), 130),  # as a terminal does, to every process in it
        (lambda process: process.terminate(), -signal.SIGTERM),
        (lambda process: process.kill(), -signal.SIGKILL),
    ],
    ids=["ctrl-c", "terminated", "killed"],
)
def test_no_worker_outlives_its_parent(tmp_path, ended_by, code):
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    locks = [tmp_path / "one", tmp_path / "two"]
    process = subprocess.Popen(
        [sys.executable, tmp_path / "script.py", *locks],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    with process:
        wait_until(lambda: all(is_held(path) for path in locks))
        ended_by(process)
        wait_until(lambda: not any(is_held(path) for path in locks), 5)
        assert process.wait(10) == code
        assert "Traceback" not in process.stderr.read()


def test_workers_share_the_cores(monkeypatch):
    monkeypatch.setattr("toolkit.comparison.execution.cores", lambda: 4)
    assert [threads_each(workers) for workers in (1, 2, 3, 4, 9)] == [4, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("quota", "most"), [("max 100000", 99), ("150000 100000", 1), ("50000 100000", 1), ("900000 100000", 9)]
)
def test_a_container_has_no_more_than_its_share(monkeypatch, tmp_path, quota, most):
    monkeypatch.setattr("toolkit.environment.OWN_GROUPS", tmp_path / "none")
    whole = cores()
    monkeypatch.setattr("toolkit.environment.GROUPS", tmp_path)
    monkeypatch.setattr("toolkit.environment.OWN_GROUPS", tmp_path / "own")
    (tmp_path / "own").write_text("0::/\n")
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    assert cores() == min(whole, most)
    (tmp_path / "own").write_text("1:memory:/elsewhere\n0::/a.slice/job\n")  # a job in a slice that has the quota
    (tmp_path / "a.slice" / "job").mkdir(parents=True)
    (tmp_path / "cpu.max").rename(tmp_path / "a.slice" / "cpu.max")
    (tmp_path / "a.slice" / "job" / "cpu.max").write_text("max 100000\n")
    assert cores() == min(whole, most)


def computed_by_a_worker(request, out, report):  # noqa: ARG001 - as all tasks have
    """How a request's cells end in a worker, how many threads its networks have, and if TensorFlow is loaded."""
    work = worker_work(request, out, 3, request.plug_ins, Silent())
    cells = [work.cell(spec, work.fitted(spec.column)) for spec in request.specs()]
    return [cell.status for cell in cells], SHARE.threads, "tensorflow" in sys.modules


def test_a_worker_that_counts_does_not_load_tensorflow(brief, tiny_settings, tmp_path):
    request = Request(brief, parse_columns(["char@ngram"], {}), tiny_settings)
    with Aside({}) as process:
        assert process.call(computed_by_a_worker, request, tmp_path) == (["done"], 3, False)
