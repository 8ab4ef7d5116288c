"""Compute tasks with the workers of a Dask scheduler that runs already.

A worker computes each task in a child process, so that it keeps answering its scheduler. All workers see the
comparison's folder under the path that the command has for it. The request travels once to each worker.
"""

import logging
import pickle
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import dask
from distributed import Client, KilledWorker, Reschedule, Worker, WorkerPlugin, get_worker

from toolkit.comparison.executors import Report, Tasks, WorkerEndedError, compute, threads_each
from toolkit.comparison.folder import SHARED
from toolkit.comparison.listing import PLAN
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.work import Work, worker_work
from toolkit.config import differences
from toolkit.environment import compiler, versions
from toolkit.errors import InputError, first_line
from toolkit.files import beside
from toolkit.plugins import source_sha256
from toolkit.runs.process import Crew

LIMIT_SECONDS = 10  # to connect and to close


@contextmanager
def cluster(request: Request, address: str, out: Path, reporter: Reporter) -> Iterator[Tasks[Work]]:
    """Yield tasks that the workers of a scheduler compute for a comparison in the folder ``out``.

    The end of the block cancels the remaining tasks and ends their processes. Raises InputError if there is no
    scheduler, if it is lost in the block, or if a worker does not see the folder or would compute other numbers.
    """
    out = out.resolve()
    marker = beside(out / PLAN, SHARED)  # a worker that finds it sees the folder
    name = f"word-char-toolkit {socket.gethostname()}:{out}"  # replaces what a killed command has left on the workers
    with connection(address) as client:
        executor = client.get_executor(pure=False)
        marker.touch()
        try:
            # Also for workers that join later.
            client.register_plugin(WorkerProcesses(name, request, marker), name)
            tasks = Tasks(reporter, partial(executor.submit, compute_on_worker, name), result_of)
            client.subscribe_topic(name, lambda event: tasks.reports.put(pickle.loads(event[1])))
            yield tasks
        finally:
            marker.unlink(missing_ok=True)
            if client.status == "running":
                executor.shutdown(wait=False)
                with suppress(KeyError, OSError):  # of a worker without the plugin, or one that ends
                    client.unregister_worker_plugin(name)


def result_of(future: Future[Any]) -> Any:
    """Return the result of a task."""
    try:
        return future.result()
    except KilledWorker as error:
        raise WorkerEndedError(
            f"Workers died repeatedly with the same task, the last one {error.last_worker.address}. Finished cells are "
            f"kept; see the last messages of the workers, and repeat the command."
        ) from error


@contextmanager
def connection(address: str) -> Iterator[Client]:
    """Yield a client of a scheduler. Raises InputError if no scheduler answers, or if it is lost in the block."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # errors are raised here
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"}):
        client = None
        try:
            client = Client(address, timeout=LIMIT_SECONDS, set_as_default=False)
            yield client
        except Exception as error:
            if client and client.status == "running" and not isinstance(error, CancelledError):
                raise
            raise InputError(
                f"There is no scheduler at {address}: {first_line(error)}. Start one (dask scheduler) and repeat the "
                f"command."
            ) from error
        finally:
            if client:
                client.close(timeout=LIMIT_SECONDS)


class WorkerProcesses(WorkerPlugin):  # type: ignore[misc]
    """The processes of a Dask worker that compute a comparison's tasks, at most one for each of its threads."""

    def __init__(self, name: str, request: Request, marker: Path) -> None:
        self._name, self._request, self._marker = name, request, marker
        self._directory = Path.cwd()  # relative paths start here
        self._facts = machine_facts()

    def setup(self, worker: Worker) -> None:
        """Prepare a worker. Raises InputError if its machine would compute other numbers than the command's."""
        self._worker, self._refusal = worker, ""
        self._crew = Crew(1, {}, self._directory if self._directory.is_dir() else None)
        if self._marker not in self._marker.parent.glob(f".{PLAN}.*"):
            self._refusal = (
                f"The worker {worker.address} does not see {self._marker.parent}. Give it the same folder."
            )
        for fact, (value, here) in differences(self._facts, machine_facts()).items():
            self._refusal = (
                f"The worker {worker.address} differs from the command: its {fact} is {here}, not {value}. Make them "
                f"equal, or end the worker."
            )
        self._refuse()

    def _refuse(self) -> None:
        if self._refusal:
            raise InputError(self._refusal)

    def compute(self, task: Callable[[Work], Any]) -> Any:
        """Return a task's result."""
        self._refuse()  # a worker that joined later
        make = partial(worker_work, self._request, self._marker.parent, threads_each(self._worker.state.nthreads))
        try:
            return compute(
                self._crew, make, task, self._report, f"A process of the worker {self._worker.address}"
            )
        except WorkerEndedError as error:
            if self._crew.is_over or error.exit_code == -signal.SIGTERM:
                raise Reschedule from error  # batch systems send the signal to all processes of a job
            raise

    def _report(self, report: Report) -> None:
        self._worker.log_event(self._name, pickle.dumps(report))

    def transition(self, key: str, start: str, finish: str, **_: Any) -> None:
        """Kill the process of a task that is cancelled."""
        if start == "executing" and finish == "released":
            for thread, process in list(self._crew.by_thread.items()):
                if self._worker.active_threads.get(thread) == key:
                    process.kill()

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002
        """End all processes."""
        self._crew.kill()


def compute_on_worker(name: str, task: Callable[[Work], Any]) -> Any:
    """Compute a task with the processes of this worker for a comparison."""
    return get_worker().plugins[name].compute(task)


def machine_facts() -> dict[str, str]:
    """Return what affects the numbers on a machine: versions, compiler, and the digest of this program."""
    program = source_sha256("toolkit")
    return versions() | {"C++ compiler": "present" if compiler() else "missing", "toolkit's source": program}
