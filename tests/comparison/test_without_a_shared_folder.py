"""Cells on workers that do not see the command's folder: what they need comes to them, what they make goes, in pieces.

The workers here could see it; so they are given another name for it, which they would use if they did not look first.
"""

import os
import re
import signal
import time
from contextlib import contextmanager
from threading import Thread

import pytest
from dask_processes import (
    LONG,
    SECONDS,
    Told,
    as_long_here,
    asked,
    assert_same_numbers,
    busy,
    client_of,
    ours,
    position,
    wait_until,
    weights,
)

from toolkit.comparison.comparison import compare
from toolkit.comparison.execution import Folders
from toolkit.comparison.progress import Reporter as Silent

pytest.importorskip("distributed", reason="needs the extra 'cluster'")
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _unshared(monkeypatch, tmp_path):
    """The command's folder is not where the command says that it is: workers find another one there."""

    @contextmanager
    def elsewhere(_):
        (tmp_path / "another").mkdir(exist_ok=True)
        (tmp_path / "another" / ".shared").write_text("another token", "utf-8")
        yield tmp_path / "another" / ".shared", "token"

    monkeypatch.setattr("toolkit.comparison.cluster.marked", elsewhere)
    yield
    assert [path.name for path in (tmp_path / "another").iterdir()] == [".shared"]


def left_on_workers(address):
    """What is left of tasks in the workers' own folders."""
    from pathlib import Path

    def files(dask_worker):
        return [str(path) for path in Path(dask_worker.local_directory).rglob("*") if path.is_file()]

    with client_of(address) as client:
        return [file for found in client.run(files).values() for file in found]


def test_the_numbers_are_those_of_one_process_without_a_shared_folder(cluster, brief_folder, tmp_path, made_once):
    told = Told()
    compare(ours(brief_folder, scheduler=cluster.address), tmp_path / "there", told)
    assert_same_numbers(made_once, brief_folder, tmp_path / "there")
    assert any("2 workers of 2 cannot see" in stage and "in pieces of 4.0 MiB" in stage for stage in told.stages)
    assert any(re.fullmatch(r"[\d.]+ KiB of runs and checkpoints travelled .*", stage) for stage in told.stages)
    assert left_on_workers(cluster.address) == []


def test_a_cell_whose_worker_is_killed_goes_on_from_the_checkpoint_that_has_travelled(
    cluster, brief_folder, tmp_path, made_once
):
    there, told, killed = tmp_path / "there", Told(), []
    run = there / "runs" / "char-seed0"

    def kill():
        wait_until(lambda: position(run))
        (pid,) = busy(cluster.address)
        os.kill(pid, signal.SIGKILL)
        next(worker for worker in cluster.workers if worker.pid == pid).wait(SECONDS)
        time.sleep(1)  # for what it had reported
        killed.extend([position(run) / 200, len(told.shares)])

    thread = Thread(target=kill)
    thread.start()
    compare(asked(brief_folder, settings=LONG, scheduler=cluster.address), there, told)
    thread.join()
    kept, reports = killed
    assert 0 < kept < 1
    assert min(share for _, share in told.shares[reports:]) >= kept
    assert any("goes on from its checkpoint" in stage for stage in told.stages)
    assert weights(as_long_here(made_once, brief_folder)) == weights(there)


SIZE = 9 * 2**20 + 1  # more than two pieces


def backwards(work):
    """Write what the task has read, backwards, and nothing at all."""
    read, written = work.out / "runs" / "read", work.out / "runs" / "written"
    (written / "within").mkdir(parents=True)
    (written / "within" / "big").write_bytes((read / "big").read_bytes()[::-1])
    (written / "empty").write_bytes(b"")
    return sorted(path.name for path in (work.out / "runs").iterdir())


def test_files_larger_than_a_piece_arrive_whole_both_ways(cluster, brief_folder, tmp_path):
    from toolkit.comparison.cluster import cluster as computing

    out, results = tmp_path / "out", []
    (out / "runs" / "read").mkdir(parents=True)
    (out / "runs" / "other").mkdir()
    content = os.urandom(SIZE)
    (out / "runs" / "read" / "big").write_bytes(content)
    request = asked(brief_folder, scheduler=cluster.address)
    with computing(request, request.where.scheduler, out, Silent()) as executor:
        executor.submit(backwards, results.append, Folders(read=("runs/read",), written=("runs/written",)))
        executor.run()
    assert results == [["read", "written"]]
    written = out / "runs" / "written"
    assert (written / "within" / "big").read_bytes() == content[::-1]
    assert (written / "empty").read_bytes() == b""
    assert sorted(path.name for path in (out / "runs").iterdir()) == ["other", "read", "written"]
    assert left_on_workers(cluster.address) == []
