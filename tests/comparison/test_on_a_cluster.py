"""Cells on the workers of a Dask scheduler: real processes on this machine."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import QUICK
from tests.helpers.comparisons import Recorder, contents, request
from tests.helpers.dask_processes import LIMIT_SECONDS, ROOT, is_held, running_cluster, wait_until
from toolkit.comparison.compare import compute
from toolkit.comparison.executors import WorkerEndedError
from toolkit.comparison.folder import Stored
from toolkit.comparison.progress import Reporter
from toolkit.config import merged
from toolkit.errors import InputError
from toolkit.results.comparison import FOUND

cluster_tasks = pytest.importorskip("toolkit.comparison.cluster", exc_type=ImportError).cluster
pytestmark = pytest.mark.slow

UPDATES = 150
CHECKPOINTS = {"train": {"updates": UPDATES, "checkpoint_seconds": 0}}  # after each update


def columns_of(corpus, scheduler=None, columns="char,word:unk@ngram", **fields):
    """Return a request for a tiny network of characters, and for a counted column."""
    return request(corpus, columns, given=merged(QUICK, CHECKPOINTS), scheduler=scheduler, **fields)


def results(out):
    """Return the files of a comparison; of comparison.json the contrasts, because some warnings go by the clock."""
    files = contents(out)
    return files | {"comparison.json": files["comparison.json"]["contrasts"]}


def test_a_cluster_computes_the_numbers_of_one_process_though_a_worker_is_lost(cluster, brief, tmp_path):
    """Its cell continues on another worker."""
    cluster.have_workers(2)
    recorder, reports = Recorder(), []

    def kill_worker():
        wait_until(lambda: recorder.updates and recorder.updates[-1] > UPDATES / 2)
        os.kill(*cluster.busy(), signal.SIGKILL)
        time.sleep(1)  # until its last reports are here
        reports.append(len(recorder.updates))

    with ThreadPoolExecutor() as threads:
        threads.submit(kill_worker)
        compute(columns_of(brief, cluster.address), tmp_path / "there", recorder)
    assert min(recorder.updates[reports[0] :]) >= UPDATES / 2, recorder.updates
    compute(columns_of(brief), tmp_path / "here", Reporter())
    assert results(tmp_path / "there") == results(tmp_path / "here")


def parent(work):  # noqa: ARG001
    return os.getppid()


def kill_process(work):  # noqa: ARG001
    os.kill(os.getpid(), signal.SIGKILL)


def kill_worker(work):  # noqa: ARG001
    os.kill(os.getppid(), signal.SIGKILL)


def hold(work):
    """Hold a lock, which ends with the process, for longer than a test takes."""
    with (work.out / "held").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        time.sleep(2 * LIMIT_SECONDS)


SCRIPT = """
import sys
from pathlib import Path
from test_on_a_cluster import columns_of, hold
from toolkit.comparison.cluster import cluster
from toolkit.comparison.progress import Reporter
from toolkit.text.sources import read_corpus

address, corpus, out = sys.argv[1:]
try:
    with cluster(columns_of(read_corpus(Path(corpus)), address), address, Path(out), Reporter()) as tasks:
        tasks.submit(hold, print)
        tasks.run()
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["interrupt", "kill"])
def test_the_processes_of_a_command_that_ends_end_too(cluster, brief_folder, tmp_path, by, code):
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    command = [sys.executable, tmp_path / "script.py", cluster.address, brief_folder, tmp_path]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=cluster.environment) as script:
        wait_until(lambda: is_held(tmp_path / "held"))
        script.send_signal(by)
        _, messages = script.communicate(timeout=LIMIT_SECONDS)
    assert script.returncode == code, messages
    assert "Traceback" not in messages
    wait_until(lambda: not is_held(tmp_path / "held") and cluster.busy() == [])


def test_a_lost_scheduler_is_named_and_its_workers_end(brief, tmp_path):
    def kill_scheduler():
        wait_until(lambda: is_held(tmp_path / "held"))
        processes.scheduler.kill()

    def hold_there():
        with cluster_tasks(columns_of(brief), processes.address, tmp_path, Reporter()) as tasks:
            tasks.submit(hold, print)
            tasks.run()

    with running_cluster(tmp_path, workers=1) as processes, ThreadPoolExecutor() as threads:
        threads.submit(kill_scheduler)
        with pytest.raises(InputError, match=processes.address):
            hold_there()
        processes.workers[0].wait(LIMIT_SECONDS)
        wait_until(lambda: not is_held(tmp_path / "held"))
    assert not list(tmp_path.glob("*.shared"))


@pytest.mark.parametrize("deadly", [kill_process, kill_worker])
def test_tasks_beside_a_deadly_one_are_computed(cluster, brief, tmp_path, deadly):
    """It kills its own process, or one worker after the other until Dask gives it up."""
    cluster.have_workers(3)
    pids = []
    with cluster_tasks(columns_of(brief, cluster.address), cluster.address, tmp_path, Reporter()) as tasks:
        for task in (deadly, parent, parent):
            tasks.submit(task, pids.append)
        with pytest.raises(WorkerEndedError):
            tasks.run()
    assert len(pids) == 2
    assert {worker.pid for worker in cluster.workers} >= set(pids)


def test_a_worker_with_other_source_code_is_refused(cluster, brief, tmp_path):
    """Whether it is there when the command begins, or joins later."""
    other = tmp_path / "other"
    shutil.copytree(ROOT / "toolkit", other / "toolkit", ignore=shutil.ignore_patterns("corpora", "__pycache__"))
    with (other / "toolkit" / "errors.py").open("a", encoding="utf-8") as file:
        file.write("\n")
    cluster.have_workers(0, "--name=other")
    columns = columns_of(brief, cluster.address)
    with cluster_tasks(columns, cluster.address, tmp_path, Reporter()) as tasks:
        worker = cluster.worker(PYTHONPATH=f"{other}:{ROOT}:{Path(__file__).parent}")
        tasks.submit(parent, print)
        with pytest.raises(InputError, match="source"):
            tasks.run()
    with pytest.raises(InputError, match="source"):
        compute(columns, tmp_path / "out", Reporter())
    worker.kill()
    worker.wait(LIMIT_SECONDS)


def test_a_worker_that_does_not_see_the_folder_is_refused_and_fresh_keeps_the_comparison(
    cluster, brief, tmp_path
):
    cluster.have_hidden_workers(1)
    Stored(command="before").save(tmp_path)
    (tmp_path / FOUND).write_text("{}", "utf-8")
    with pytest.raises(InputError, match=str(tmp_path)):
        compute(columns_of(brief, cluster.address), tmp_path, Reporter(), fresh=True)
    assert (tmp_path / FOUND).is_file()
