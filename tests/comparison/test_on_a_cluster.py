"""Cells on the workers of a Dask scheduler: real ones, as processes on this machine, with a folder in common."""

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from threading import Thread

import pytest
from dask_processes import (
    LONG,
    ROOT,
    SECONDS,
    Told,
    as_long_here,
    asked,
    assert_same_numbers,
    at_work,
    busy,
    client_of,
    computed,
    ours,
    position,
    running_cluster,
    wait_until,
    weights,
    workers_of,
)

from tests.conftest import TINY
from toolkit.comparison.comparison import compare
from toolkit.comparison.folder import COMPARISON
from toolkit.comparison.progress import Reporter as Silent
from toolkit.errors import InputError
from toolkit.out_folder import mark
from toolkit.results.comparison import FOUND

pytest.importorskip("distributed", reason="needs the extra 'cluster'")
pytestmark = pytest.mark.slow


def test_the_numbers_are_those_of_one_process(cluster, brief_folder, tmp_path, made_once):
    there, told = tmp_path / "there", Told()
    found = compare(ours(brief_folder, scheduler=cluster.address), there, told)
    assert "Dask" in found.corpus.notes.pop()
    assert_same_numbers(made_once, brief_folder, there)
    assert any("2 workers" in stage for stage in told.stages)
    assert not any("cannot see" in stage for stage in told.stages)
    assert {share for _, share in told.shares} >= {1.0}
    assert {cell for cell, _ in told.shares} == {"char-seed0", "word-unk-seed0"}
    assert told.cells == [("char", 0, "done"), ("word:unk", 0, "done")]
    assert not list(there.glob(".shared*"))


def test_a_cell_whose_worker_is_killed_goes_on_from_its_checkpoint_on_another(
    cluster, brief_folder, tmp_path, made_once
):
    """Dask gives a task up after some deaths of its workers, here after the first: it is asked for again."""
    there, told, killed = tmp_path / "there", Told(), []

    def kill(address):
        wait_until(lambda: position(there / "runs" / "char-seed0") >= 100)
        (pid,) = busy(address)
        os.kill(pid, signal.SIGKILL)
        time.sleep(1)  # for what it had reported
        killed.extend([pid, len(told.shares)])

    thread = Thread(target=kill, args=[cluster.address])
    thread.start()
    compare(asked(brief_folder, settings=LONG, scheduler=cluster.address), there, told)
    thread.join()
    pid, before = killed
    assert pid in [worker.pid for worker in cluster.workers]
    assert any("goes on from its checkpoint" in stage for stage in told.stages)
    assert min(share for _, share in told.shares[before:]) >= 0.5
    assert weights(as_long_here(made_once, brief_folder)) == weights(there)


def signalled(client):
    """End the worker that computes something, as a batch system does at the wall time."""
    ((pid, _),) = at_work(client)
    os.kill(pid, signal.SIGTERM)


def test_a_worker_that_is_told_to_end_keeps_a_checkpoint_first(cluster, brief_folder, tmp_path):
    """No other checkpoint is kept before the end of training."""
    settings = ("train.updates=2000", "train.checks=1", "train.checkpoint_seconds=60")
    there, told, shares = tmp_path / "there", Told(), []
    run = there / "runs" / "char-seed0"

    def end(address):
        with client_of(address) as client:  # beforehand, since training does not wait
            wait_until(lambda: told.shares)
            shares.append(told.shares[-1][1])
            signalled(client)
        wait_until(lambda: position(run))
        shares.extend([position(run) / 2000, len(told.shares)])

    thread = Thread(target=end, args=[cluster.address])
    thread.start()
    compare(asked(brief_folder, settings=settings, scheduler=cluster.address), there, told)
    thread.join()
    before, kept, reports = shares
    assert 1 > kept >= before > 0
    assert min(share for _, share in told.shares[reports:]) >= kept
    assert any("died" in stage for stage in told.stages)


def test_a_lost_scheduler_is_a_sentence_and_the_same_command_goes_on(brief_folder, tmp_path):
    there = tmp_path / "there"
    first = there / "runs" / "char-seed0" / "cell.json"
    with running_cluster(tmp_path, workers=1) as processes:
        request = asked(brief_folder, seeds=2, settings=LONG, scheduler=processes.address)

        def kill():
            wait_until(lambda: first.exists() and position(there / "runs" / "char-seed1"))
            processes.scheduler.kill()

        thread = Thread(target=kill)
        thread.start()
        with pytest.raises(InputError, match=r"scheduler tcp://127.* was lost.*repeat the command"):
            compare(request, there, Silent())
        thread.join()
        finished = first.stat().st_mtime_ns
        assert not list(there.glob(".shared*"))
        processes.workers[0].wait(SECONDS)  # without a scheduler it ends, and what it computes
        processes.start()
        processes.worker()
        compare(request, there, Silent())
    assert first.stat().st_mtime_ns == finished
    assert (there / "runs" / "char-seed1" / "cell.json").exists()


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_cancels_what_is_queued_and_what_is_being_computed(cluster, brief_folder, tmp_path):
    from toolkit.comparison.on_worker import running

    out = tmp_path / "out"
    settings = [f"--set={setting}" for setting in [*TINY, "train.updates=100000", "train.checkpoint_seconds=0"]]
    command = [sys.executable, "-m", "toolkit", "compare", "--tokenizers", "char", "--seeds", "3", *settings]
    command += ["--corpus", str(brief_folder), "--scheduler", cluster.address, "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        wait_until(lambda: process.poll() is not None or len(list(out.glob("runs/*/checkpoint/state.safetensors"))) > 1)
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=SECONDS)
    assert (process.returncode, printed) == (130, ""), said
    assert "interrupted" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert busy(cluster.address) == []
    with client_of(cluster.address) as client:
        assert set(client.run(running, str(out.resolve())).values()) == {0}
    stands = {path: path.stat().st_mtime_ns for path in out.glob("runs/*/checkpoint/*")}
    time.sleep(1)
    assert {path: path.stat().st_mtime_ns for path in out.glob("runs/*/checkpoint/*")} == stands


def parent(work):  # noqa: ARG001 - as all tasks have
    return os.getppid()


def test_tasks_go_to_workers_that_have_the_resources(cluster, brief_folder, tmp_path):
    with_one = cluster.worker("--resources", "GPU=1")
    wait_until(lambda: workers_of(cluster.address) == 3)
    request = asked(brief_folder, scheduler=cluster.address, resources="GPU=1")
    results, told = computed(request, tmp_path / "out", parent, parent, parent)
    cluster.end(with_one)
    assert results == [with_one.pid] * 3
    assert any("1 worker with GPU=1, for 1 cell at once" in stage for stage in told.stages)


def test_a_worker_that_joins_later_with_other_code_of_ours_is_refused(cluster, brief_folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(ROOT / "toolkit", other / "toolkit", ignore=shutil.ignore_patterns("corpora", "__pycache__"))
    with (other / "toolkit" / "errors.py").open("a") as file:
        file.write("# changed\n")
    request = asked(brief_folder, scheduler=cluster.address, resources="OTHER=1")
    joins = partial(cluster.worker, "--resources", "OTHER=1", PYTHONPATH=str(other))
    with pytest.raises(InputError, match=r"The worker tcp://.* the same version, but other source code"):
        computed(request, tmp_path / "later", parent, before=joins)
    with pytest.raises(InputError, match=r"The worker tcp://.* the same version, but other source code"):
        computed(request, tmp_path / "before")
    cluster.end(cluster.workers[-1])


def test_no_scheduler_is_a_sentence(brief_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("toolkit.comparison.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match=r"There is no scheduler at tcp://127\.0\.0\.1:9"):
        computed(asked(brief_folder, scheduler="tcp://127.0.0.1:9"), tmp_path / "out")
    (tmp_path / "there").mkdir()
    mark(tmp_path / "there", {"seeds": 1}, COMPARISON)
    (tmp_path / "there" / FOUND).write_text("{}", "utf-8")
    with pytest.raises(InputError, match="There is no scheduler"):
        compare(asked(brief_folder, scheduler="tcp://127.0.0.1:9"), tmp_path / "there", Silent(), fresh=True)
    assert (tmp_path / "there" / FOUND).is_file()  # it is replaced only by what can be computed
