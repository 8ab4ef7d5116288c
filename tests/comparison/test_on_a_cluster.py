"""Cells on the workers of a Dask scheduler: real processes on this machine."""

import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import QUICK
from tests.helpers.comparisons import Recorder, contents, request
from tests.helpers.dask_processes import ROOT, wait_until
from toolkit.comparison.compare import compute
from toolkit.comparison.executors import WorkerEndedError
from toolkit.comparison.progress import Reporter
from toolkit.config import merged
from toolkit.errors import InputError

cluster_tasks = pytest.importorskip("toolkit.comparison.cluster", exc_type=ImportError).cluster
pytestmark = pytest.mark.slow

UPDATES = 150
CHECKPOINTS = {"train": {"updates": UPDATES, "checkpoint_seconds": 0}}  # after each update


def columns_of(corpus, scheduler=None):
    """Return a request for a tiny network of characters, and for a counted column."""
    return request(corpus, "char,word:unk@ngram", given=merged(QUICK, CHECKPOINTS), scheduler=scheduler)


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
    there, here = contents(tmp_path / "there"), contents(tmp_path / "here")
    wholes = [files.pop("comparison.json") for files in (there, here)]  # some of their warnings go by the clock
    assert wholes[0]["contrasts"] == wholes[1]["contrasts"]
    assert there == here


def parent(work):  # noqa: ARG001
    return os.getppid()


def kill_process(work):  # noqa: ARG001
    os.kill(os.getpid(), signal.SIGKILL)


def kill_worker(work):  # noqa: ARG001
    os.kill(os.getppid(), signal.SIGKILL)


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
    cluster.have_workers(0)
    columns = columns_of(brief, cluster.address)
    with cluster_tasks(columns, cluster.address, tmp_path, Reporter()) as tasks:
        cluster.worker(PYTHONPATH=f"{other}:{ROOT}:{Path(__file__).parent}")
        tasks.submit(parent, print)
        with pytest.raises(InputError, match="source"):
            tasks.run()
    with pytest.raises(InputError, match="source"):
        compute(columns, tmp_path / "out", Reporter())
    cluster.have_workers(0)
