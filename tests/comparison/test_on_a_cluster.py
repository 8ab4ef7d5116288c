"""Cells on the workers of a Dask scheduler, with and without a shared folder: real processes on this machine."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from dask_processes import LIMIT_SECONDS, ROOT, running_cluster, wait_until

from tests.conftest import TINY
from tests.faults.conftest import without_times
from toolkit.cli.options import assigned_settings
from toolkit.comparison.compare import compute
from toolkit.comparison.executors import NO_FOLDERS, Folders, WorkerEndedError
from toolkit.comparison.folder import COMPARISON
from toolkit.comparison.progress import Reporter
from toolkit.comparison.reading import make_request
from toolkit.errors import InputError
from toolkit.results.comparison import FOUND, Comparison

pytest.importorskip("distributed", reason="needs the extra 'cluster'")
pytestmark = pytest.mark.slow

QUICK = (*TINY, "samples.temperature=0.8", "samples.characters=60")
LONG = ("train.updates=200", "train.checkpoint_seconds=0")  # a checkpoint after each update


def asked(corpus, columns="char", settings=(), **options):
    """A request for tiny networks."""
    settings = assigned_settings(None, [*QUICK, *settings])
    return make_request(columns, corpus, settings=settings, command="toolkit compare", **options)


class Shares(Reporter):
    """Records the shares of training that are done."""

    def __init__(self):
        self.shares = []

    def training(self, cell, progress):  # noqa: ARG002
        self.shares.append(progress.share)


@contextmanager
def beside(function):
    """Run a function in a thread."""
    thread = Thread(target=function)
    thread.start()
    yield
    thread.join()


@pytest.fixture(params=["shared", "hidden"])
def place(request, cluster):
    """A cluster, and the options that choose workers: they see the command's folder, or do not."""
    if request.param == "shared":
        return cluster, {"scheduler": cluster.address}
    cluster.have_hidden_workers(2)
    return cluster, {"scheduler": cluster.address, "resources": "HIDDEN=1"}


def scratch_files(cluster):
    """The files that tasks have left in the folders of workers, to which Dask copies its preloaded script."""
    with cluster.client() as client:
        folders = client.run(lambda dask_worker: dask_worker.local_directory).values()
    return [path for folder in folders for path in Path(folder).rglob("*") if path.is_file() and path.name != "hide.py"]


def results(out):
    """The numbers and the weights of a comparison, and the names of its files."""
    parts = Comparison.load(out / FOUND).model_dump(include={"cells", "rows", "contrasts", "passages", "words"})
    names = sorted(path.relative_to(out) for path in out.glob("r*s/**/*"))
    return without_times(parts), [weights(out, run) for run in ("char-seed0", "word-unk-seed0")], names


def weights(out, run="char-seed0"):
    return (out / "runs" / run / "weights.safetensors").read_bytes()


def test_the_numbers_are_those_of_one_process(place, brief_folder, tmp_path, made_once):
    cluster, options = place
    columns = {"columns": "char,word:unk", "adapt": 0.3}
    here = made_once("of-one-process", lambda folder: compute(asked(brief_folder, **columns), folder, Reporter()))
    compute(asked(brief_folder, **columns, **options), tmp_path / "there", reporter := Shares())
    assert results(tmp_path / "there") == results(here)
    assert max(reporter.shares) == 1
    assert scratch_files(cluster) == []
    assert not list((tmp_path / "there").glob(".shared*"))


def test_a_cell_of_a_lost_worker_is_computed_by_another(place, brief_folder, tmp_path, made_once):
    """It continues from its checkpoint in a shared folder, and starts again elsewhere."""
    cluster, options = place
    reporter, reports = Shares(), []

    def kill_worker():
        wait_until(lambda: reporter.shares and reporter.shares[-1] > 0.5)
        os.kill(*cluster.busy(), signal.SIGKILL)
        time.sleep(1)  # for the reports before
        reports.append(len(reporter.shares))

    with beside(kill_worker):
        compute(asked(brief_folder, settings=LONG, **options), tmp_path / "there", reporter)
    again = min(reporter.shares[reports[0] :])
    assert again < 0.2 if "resources" in options else again >= 0.5
    undisturbed = made_once("long", lambda out: compute(asked(brief_folder, settings=LONG[:1]), out, Reporter()))
    assert weights(tmp_path / "there") == weights(undisturbed)


def test_after_a_lost_scheduler_the_same_command_continues(brief_folder, tmp_path):
    first, second = (tmp_path / "there" / "runs" / f"char-seed{seed}" for seed in (0, 1))
    with running_cluster(tmp_path, workers=1) as processes:
        request = asked(brief_folder, seeds=2, settings=LONG, scheduler=processes.address)

        def kill_scheduler():
            wait_until(lambda: (first / "cell.json").exists() and list(second.glob("checkpoint/*.safetensors")))
            processes.scheduler.kill()

        with beside(kill_scheduler), pytest.raises(InputError, match=processes.address):
            compute(request, tmp_path / "there", Reporter())
        time_of_first = (first / "cell.json").stat().st_mtime_ns
        assert not list((tmp_path / "there").glob(".shared*"))
        processes.workers[0].wait(LIMIT_SECONDS)  # without a scheduler it ends
        processes.start()
        processes.have_workers(1)
        compute(request, tmp_path / "there", Reporter())
    assert (first / "cell.json").stat().st_mtime_ns == time_of_first
    assert (second / "cell.json").exists()


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["interrupt", "kill"])
def test_the_processes_of_a_command_that_ends_end_too(cluster, brief_folder, tmp_path, by, code):
    settings = [f"--set={setting}" for setting in (*QUICK, "train.updates=100000", "train.checkpoint_seconds=0")]
    command = [sys.executable, "-m", "toolkit", "compare", "--tokenizers=char", "--seeds=3", *settings]
    command += [f"--corpus={brief_folder}", f"--scheduler={cluster.address}", f"--out={tmp_path / 'out'}"]

    def checkpoints():
        return [path.stat().st_mtime_ns for path in tmp_path.glob("out/runs/*/checkpoint/state.safetensors")]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: len(checkpoints()) == 2)
        process.send_signal(by)
        _, messages = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == code, messages
    assert "Traceback" not in messages
    wait_until(lambda: cluster.busy() == [], 5)
    time.sleep(0.5)
    times = checkpoints()
    time.sleep(1)
    assert checkpoints() == times


def computed(request, out, *tasks, folders=NO_FOLDERS):
    """The results of tasks on a cluster; the message of a worker that ended is the last."""
    from toolkit.comparison.cluster import cluster

    out.mkdir(exist_ok=True)
    results = []
    with cluster(request, request.where.scheduler, out, Reporter()) as executor:
        for task in tasks:
            executor.submit(task, results.append, folders)
        try:
            executor.run()
        except WorkerEndedError as error:
            results.append(str(error))
    return results


def reversed_content(work):
    """Write the content of a file in reverse order, and an empty file."""
    read, written = work.out / "runs" / "read", work.out / "runs" / "written"
    content = (read / "file").read_bytes()
    shutil.rmtree(written)
    (written / "within").mkdir(parents=True)
    (written / "within" / "file").write_bytes(content[::-1])
    (written / "empty").write_bytes(b"")


def test_a_task_reads_its_folders_and_replaces_those_it_writes(place, brief_folder, tmp_path):
    cluster, options = place
    runs, content = tmp_path / "out" / "runs", os.urandom(100_000)
    for name in ("read", "written", "other"):
        (runs / name).mkdir(parents=True)
        (runs / name / "file").write_bytes(content)
    folders = Folders(read=("runs/read",), written=("runs/written", "runs/never"))
    assert computed(asked(brief_folder, **options), tmp_path / "out", reversed_content, folders=folders) == [None]
    assert {path.relative_to(runs).as_posix(): path.read_bytes() for path in runs.rglob("*") if path.is_file()} == {
        "read/file": content, "other/file": content, "written/within/file": content[::-1], "written/empty": b"",
    }  # fmt: skip
    assert scratch_files(cluster) == []


def parent(work):  # noqa: ARG001
    return os.getppid()


def kill_itself(work):  # noqa: ARG001
    os.kill(os.getpid(), signal.SIGKILL)


def kill_worker(work):  # noqa: ARG001
    os.kill(os.getppid(), signal.SIGKILL)


def test_tasks_beside_one_that_is_killed_are_computed(cluster, brief_folder, tmp_path):
    """Its own process is killed, or its worker each time: Dask then gives the task up."""
    request = asked(brief_folder, scheduler=cluster.address)
    *pids, error = computed(request, tmp_path / "out", kill_itself, parent, parent)
    assert len(pids) == 2
    assert {worker.pid for worker in cluster.workers} >= set(pids)
    assert "--nthreads" in error
    cluster.have_workers(3)
    *pids, error = computed(request, tmp_path / "out", kill_worker, parent)
    assert len(pids) == 1
    assert "died" in error


def test_a_worker_with_other_source_code_is_refused(cluster, brief_folder, tmp_path):
    from toolkit.comparison.cluster import cluster as block

    other = tmp_path / "other"
    shutil.copytree(ROOT / "toolkit", other / "toolkit", ignore=shutil.ignore_patterns("corpora", "__pycache__"))
    (other / "toolkit" / "errors.py").write_text((ROOT / "toolkit" / "errors.py").read_text("utf-8") + "\n", "utf-8")
    request = asked(brief_folder, scheduler=cluster.address, resources="OTHER=1")
    with block(request, cluster.address, tmp_path, Reporter()) as executor:
        worker = cluster.worker("--resources", "OTHER=1", PYTHONPATH=f"{other}:{Path(__file__).parent}")
        executor.submit(parent, print)
        with pytest.raises(InputError, match=r"errors\.py"):
            executor.run()
    with pytest.raises(InputError, match=r"errors\.py"):
        computed(request, tmp_path)
    worker.kill()
    worker.wait(LIMIT_SECONDS)


def test_without_a_scheduler_fresh_keeps_the_comparison(brief_folder, tmp_path):
    (tmp_path / COMPARISON.asked).write_text("seeds = 1\n", "utf-8")
    (tmp_path / FOUND).write_text("{}", "utf-8")
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9"):
        compute(asked(brief_folder, scheduler="tcp://127.0.0.1:9"), tmp_path, Reporter(), fresh=True)
    assert (tmp_path / FOUND).is_file()
