"""A Dask scheduler and workers as processes on this machine."""

import fcntl
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import toolkit as package

ROOT = Path(package.__file__).parents[1]
LIMIT_SECONDS = 300


class Processes:
    """A scheduler and its workers."""

    def __init__(self, folder, stack):
        self.folder, self.stack, self.workers = folder, stack, []
        self.environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "comparison")]),
            "DASK_LOGGING__DISTRIBUTED": "warning",
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self._process("scheduler", f"--port={port}", "--host=127.0.0.1", "--no-dashboard")

    def worker(self, **environment):
        """Start a worker with one thread."""
        options = ("--nthreads=1", "--no-nanny", "--no-dashboard", f"--local-directory={self.folder}")
        self.workers.append(self._process("worker", self.address, *options, **environment))

    def have_workers(self, number):
        """Have a number of workers that the scheduler knows."""
        alive = [worker for worker in self.workers if worker.poll() is None]
        for worker in alive[number:]:
            worker.kill()
            worker.wait()
        self.workers = alive[:number]
        for _ in range(number - len(self.workers)):
            self.worker()
        with self.client() as client:
            wait_until(lambda: len(client.scheduler_info(n_workers=-1)["workers"]) == len(self.workers))

    def _process(self, *arguments, **environment):
        log = self.stack.enter_context((self.folder / "log").open("a"))
        command = [sys.executable, "-m", "dask", *arguments]
        process = subprocess.Popen(
            command, env=self.environment | environment, stdout=log, stderr=log, cwd=self.folder
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def client(self):
        """Return a client of the scheduler."""
        from distributed import Client

        return Client(self.address, timeout=LIMIT_SECONDS, set_as_default=False)

    def busy(self):
        """Return the process ids of the workers that compute something."""
        with self.client() as client:
            pids = client.run(os.getpid)
            return [pids[worker] for worker, keys in client.processing().items() if keys]


@contextmanager
def running_cluster(folder):
    """Yield a scheduler with two workers that have joined."""
    with ExitStack() as stack:
        processes = Processes(folder, stack)
        processes.have_workers(2)
        yield processes


def wait_until(condition, seconds=LIMIT_SECONDS):
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.02)


def is_held(path):
    """Whether a process holds the lock on a file."""
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
