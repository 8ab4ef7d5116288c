"""Tasks have the same results in this process and in others; reports, failures and deaths reach the caller.

Progress is bars of several cells in a terminal, and lines elsewhere.
"""

import os
import signal
import subprocess
import sys
from functools import partial

import pytest

from tests.helpers.comparisons import Recorder, request
from tests.helpers.dask_processes import is_held, wait_until
from tests.helpers.squares import Squares, kill
from toolkit.comparison.executors import WorkerEndedError, inline_tasks, processes, threads_each
from toolkit.comparison.progress import Reporter
from toolkit.comparison.work import tag, worker_work
from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.network import SHARE
from toolkit.runs.process import Crew
from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger


def squares(tasks, recorder):
    """Square 4, 6 and 9, and after 4 and 6 the number below; each report comes before its result."""
    results = []

    def then(result):
        assert f"cell{result[0]}" in recorder.verified
        results.append(result)
        if result[0] in (4, 6):
            tasks.submit(partial(Squares.square, number=result[0] - 1), then)

    for number in (4, 6, 9):
        tasks.submit(partial(Squares.square, number=number), then)
    tasks.run()
    return results


@pytest.mark.parametrize("number", [1, 2])
def test_processes_compute_what_this_process_computes(number):
    here = squares(inline_tasks(Squares(recorder := Recorder()), recorder), recorder)
    assert here == [(n, n**2, os.getpid()) for n in (4, 6, 9, 3, 5)]  # in the order of submission
    with processes(Squares, number, recorder := Recorder()) as tasks:
        there, again = squares(tasks, recorder), squares(tasks, recorder)
    assert sorted(result[:2] for result in there) == sorted(result[:2] for result in here)
    pids = {pid for *_, pid in there + again}
    assert os.getpid() not in pids
    assert len(pids) <= number  # processes are reused


def computed(number, *tasks, make=Squares):
    """The results of tasks in a number of processes, and the error of a process that ended."""
    results = []
    with processes(make, number, Reporter()) as executor:
        for task in tasks:
            executor.submit(task, results.append)
        try:
            executor.run()
        except WorkerEndedError as error:
            return results, str(error)
    return results, None


def test_a_failed_task_raises_its_error_and_ends_the_tasks_beside_it(tmp_path):
    lock = tmp_path / "lock"
    with pytest.raises(InputError, match="3"):
        computed(2, partial(Squares.hold, path=lock), partial(Squares.fail_beside, path=lock))
    assert not is_held(lock)


@pytest.mark.parametrize(("end", "code"), [(kill, "-9"), (partial(os._exit, 7), "7")], ids=["kill", "exit"])
def test_tasks_beside_processes_that_end_are_computed(end, code):
    tasks = [partial(Squares.square, number=number) for number in range(5)]
    results, error = computed(2, *[partial(Squares.end, by=end)] * 3, *tasks)
    assert sorted(squared for _, squared, _ in results) == [0, 1, 4, 9, 16]
    assert code in error


SCRIPT = """
import sys
from functools import partial
from tests.helpers.squares import Squares
from toolkit.comparison.executors import processes
from toolkit.comparison.progress import Reporter

try:  # not under __name__ == "__main__": no worker runs this script
    with processes(Squares, 2, Reporter()) as tasks:
        for path in sys.argv[1:]:
            tasks.submit(partial(Squares.hold, path=path), print)
        tasks.run()
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL], ids=["interrupt", "kill"])
def test_no_process_outlives_its_parent(tmp_path, end):
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    locks = [tmp_path / "one", tmp_path / "two"]
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, tmp_path / "script.py", *locks]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, env=paths
    ) as script:
        wait_until(lambda: all(map(is_held, locks)))
        send = os.killpg if end == signal.SIGINT else os.kill  # a terminal interrupts the whole group
        send(script.pid, end)
        wait_until(lambda: not any(map(is_held, locks)), 30)
        assert script.wait(10) == (130 if end == signal.SIGINT else -end)
        assert "Traceback" not in script.stderr.read()


def test_texts_tagged_in_several_processes_have_the_tags_of_one(tmp_path, monkeypatch):
    sentence = "The moon rose {} times--and Eldreth don't ask (why).\n\nIt sank."
    documents, tagger = [Document(str(i), sentence.format(i)) for i in range(6)], Tagger(tags=False)
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "alone"))
    expected = [tagger.tag(document.text).at.tobytes() for document in documents]
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "several"))
    assert not any(tagger.cached(document.text) for document in documents)
    with Crew(2, {}) as crew:
        tag(tagger, documents, crew, lambda _: None, least=0)
    assert all(tagger.cached(document.text) for document in documents)
    assert [tagger.tag(document.text).at.tobytes() for document in documents] == expected


def test_workers_share_the_cores():
    assert [threads_each(workers) for workers in (1, 2, 1000)] == [cores(), max(1, cores() // 2), 1]


def counted(work):
    """The outcome of each cell, the threads of networks, and whether TensorFlow is loaded."""
    statuses = [work.cell(spec, work.fit(spec)).status for spec in work.request.specs()]
    return statuses, SHARE.threads, "tensorflow" in sys.modules


def test_a_worker_that_counts_does_not_load_tensorflow(brief, tmp_path):
    make = partial(worker_work, request(brief, "char@ngram"), tmp_path, 3)
    assert computed(1, counted, make=make) == ([(["done"], 3, False)], None)
