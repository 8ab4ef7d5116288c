"""Cells on the workers of a Dask scheduler: real ones, as processes on this machine, with a folder in common."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

import toolkit as package
from tests.conftest import TINY
from toolkit.comparison.arguments import make_request
from toolkit.comparison.comparison import compare
from toolkit.comparison.reporter import Silent
from toolkit.errors import InputError

pytest.importorskip("distributed", reason="needs the extra 'cluster'")
pytestmark = pytest.mark.slow

ROOT = Path(package.__file__).parents[1]
SECONDS = 120


class Processes:
    """A scheduler and its workers, which can be ended one by one."""

    def __init__(self, folder, stack, **config):
        self.folder, self.stack, self.workers = folder, stack, []
        self.environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_LOGGING__DISTRIBUTED": "warning"}
        self.environment |= {f"DASK_DISTRIBUTED__{name}": str(value) for name, value in config.items()}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def address(self):
        return f"tcp://127.0.0.1:{self.port}"

    def start(self):
        """The scheduler, at the same port each time."""
        self.scheduler = self._process("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def worker(self, *options, **environment):
        """One more worker, of a single thread."""
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder), *options)
        self.workers.append(self._process("worker", self.address, *options, **environment))
        return self.workers[-1]

    def _process(self, *arguments, **environment):
        log = self.stack.enter_context((self.folder / "log").open("a"))
        command = [sys.executable, "-m", "dask", *arguments]
        process = subprocess.Popen(command, env=self.environment | environment, stdout=log, stderr=log, cwd=self.folder)
        self.stack.callback(ended, process)
        return process


def ended(process):
    process.kill()
    process.wait()


@contextmanager
def running_cluster(folder, workers=2, **config):
    """A scheduler with workers that have joined."""
    from distributed import Client

    with ExitStack() as stack:
        processes = Processes(folder, stack, **config)
        for _ in range(workers):
            processes.worker()
        with Client(processes.address, timeout=SECONDS, set_as_default=False) as client:
            client.wait_for_workers(workers, SECONDS)
        yield processes


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with running_cluster(tmp_path_factory.mktemp("cluster")) as processes:
        yield processes


def asked(corpus, columns="char", **more):
    """A request for tiny networks."""
    from toolkit.cli.settings import assigned_settings

    settings = assigned_settings(None, [*TINY, *more.pop("settings", ())])
    return make_request(tokenizers=columns, corpus=corpus, settings=settings, command="toolkit compare", **more)


def without_seconds(dumped):
    """What was measured without what the clock said."""
    if isinstance(dumped, dict):
        clock = ("seconds", "train_seconds", "characters_per_second")
        return {key: without_seconds(value) for key, value in dumped.items() if key not in clock}
    return [without_seconds(value) for value in dumped] if isinstance(dumped, list) else dumped


class Told(Silent):
    """What was reported."""

    def __init__(self):
        self.stages, self.shares, self.cells = [], [], []

    def stage(self, what):
        self.stages.append(what)

    def training(self, cell, progress):
        self.shares.append((cell, progress.share))

    def finished(self, cell):
        self.cells.append((cell.column, cell.seed, cell.status))


def test_the_numbers_are_those_of_one_process(cluster, corpus_folder, tmp_path):
    ours = partial(asked, corpus_folder, "char,word:unk", seeds=2, verify=True)
    here, there = tmp_path / "here", tmp_path / "there"
    expected = compare(ours(), here, Silent())
    told = Told()
    found = compare(ours(scheduler=cluster.address), there, told)
    for part in ("cells", "rows", "contrasts", "passages", "words", "corpus"):
        a, b = (getattr(comparison, part) for comparison in (expected, found))
        dumped = [[x.model_dump() for x in many] if isinstance(many, list) else many.model_dump() for many in (a, b)]
        assert without_seconds(dumped[0]) == without_seconds(dumped[1]), part
    for run in ("char-seed0", "word-unk-seed1"):
        a, b = ((folder / "runs" / run / "weights.safetensors").read_bytes() for folder in (here, there))
        assert a == b
    assert any("2 workers" in stage for stage in told.stages)
    assert {share for _, share in told.shares} >= {1.0}
    assert {cell for cell, _ in told.shares} == {f"{c}-seed{seed}" for c in ("char", "word-unk") for seed in (0, 1)}
    assert told.cells == [(column, seed, "done") for column in ("char", "word:unk") for seed in (0, 1)]
    assert not list(there.glob(".shared*"))
