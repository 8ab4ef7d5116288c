"""A real Dask scheduler and real workers, as processes on this machine, and what is asked of them."""

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from safetensors import safe_open

import toolkit as package
from tests.conftest import TINY
from toolkit.comparison.comparison import compare
from toolkit.comparison.library import make_request
from toolkit.comparison.progress import Reporter as Silent
from toolkit.results.comparison import FOUND, Comparison
from toolkit.training.checkpoint import Position

ROOT = Path(package.__file__).parents[1]
SECONDS = 300


class Processes:
    """A scheduler and its workers, which can be ended one by one."""

    def __init__(self, folder, stack, **config):
        self.folder, self.stack, self.workers = folder, stack, []
        self.environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
            "DASK_LOGGING__DISTRIBUTED": "warning",
        }
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

    def mend(self, workers):
        """Have so many workers, by new ones in place of those that have ended."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        for _ in range(workers - len(self.workers)):
            self.worker()
        wait_until(lambda: workers_of(self.address) == workers)

    def end(self, worker):
        """End a worker."""
        worker.terminate()
        worker.wait(SECONDS)
        self.workers.remove(worker)

    def _process(self, *arguments, **environment):
        log = self.stack.enter_context((self.folder / "log").open("a"))
        command = [sys.executable, "-m", "dask", *arguments]
        process = subprocess.Popen(command, env=self.environment | environment, stdout=log, stderr=log, cwd=self.folder)
        self.stack.callback(killed, process)
        return process


def killed(process):
    process.kill()
    process.wait()


@contextmanager
def running_cluster(folder, workers=2, **config):
    """A scheduler with workers that have joined."""
    with ExitStack() as stack:
        processes = Processes(folder, stack, **config)
        processes.mend(workers)
        yield processes


QUICK = ("samples.temperature=0.8", "samples.characters=60")  # what is generated is tested elsewhere


def asked(corpus, columns="char", **more):
    """A request for tiny networks."""
    from toolkit.cli.options import assigned_settings

    settings = assigned_settings(None, [*TINY, *QUICK, *more.pop("settings", ())])
    return make_request(tokenizers=columns, corpus=corpus, settings=settings, **more, command="toolkit compare")


def plain(records):
    return [record.model_dump() for record in records] if isinstance(records, list) else records.model_dump()


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


def wait_until(condition, seconds=SECONDS):
    """The condition comes true before the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def position(run):
    """How many updates the checkpoint of a run has; 0 where there is none."""
    try:
        with safe_open(run / "checkpoint" / "state.safetensors", "numpy") as opened:
            return Position.model_validate_json(opened.metadata()["position"]).updates
    except FileNotFoundError:
        return 0


@contextmanager
def client_of(address):
    from distributed import Client

    with Client(address, timeout=SECONDS, set_as_default=False) as client:
        yield client


def busy(address):
    """The process ids of the workers that compute something."""
    with client_of(address) as client:
        return [pid for pid, _ in at_work(client)]


def at_work(client):
    """The process id and the address of each worker that computes something."""
    pids = client.run(os.getpid)
    return [(pids[worker], worker) for worker, keys in client.processing().items() if keys]


def ours(corpus, **more):
    """What is asked for to compare its numbers: two columns, and rows made of them."""
    return asked(corpus, "char,word:unk", adapt=0.3, **more)


def assert_same_numbers(made_once, corpus, out):
    """The comparison in a folder is the one that this process computes, once for all tests, and so are its runs."""
    here = made_once("of-one-process", lambda folder: compare(ours(corpus), folder, Silent()))
    expected, found = (Comparison.load(folder / FOUND) for folder in (here, out))
    for part in ("cells", "rows", "contrasts", "passages", "words"):
        a, b = (getattr(comparison, part) for comparison in (expected, found))
        assert without_seconds(plain(a)) == without_seconds(plain(b)), part
    assert all(weights(here, run) == weights(out, run) for run in ("char-seed0", "word-unk-seed0"))
    names = [sorted(path.relative_to(folder) for path in folder.glob("r*s/**/*")) for folder in (here, out)]
    assert names[0] == names[1]


LONG = ("train.updates=200", "train.checkpoint_seconds=0")  # a checkpoint of every update


def as_long_here(made_once, corpus):
    """The folder of a comparison with LONG, computed in this process once for all tests; without the checkpoints."""
    return made_once("long", lambda folder: compare(asked(corpus, settings=LONG[:1]), folder, Silent()))


def weights(out, run="char-seed0"):
    return (out / "runs" / run / "weights.safetensors").read_bytes()


def computed(request, out, *tasks, before=lambda: None):
    """What tasks come to on a cluster."""
    from toolkit.comparison.cluster import cluster

    out.mkdir(exist_ok=True)
    results = []
    with cluster(request, request.where.scheduler, out, told := Told()) as executor:
        before()
        for task in tasks:
            executor.submit(task, results.append)
        executor.run()
    return results, told


def workers_of(address):
    with client_of(address) as client:
        return len(client.scheduler_info(n_workers=-1)["workers"])
