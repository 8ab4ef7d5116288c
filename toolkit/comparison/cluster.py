"""Compute tasks with the workers of a Dask scheduler that runs already.

A worker computes each task in a child process, so that it keeps answering its scheduler. Workers that see the
comparison's folder under the same path compute in it. The others receive the folders of a task as archives with the
task, and return the folders that it wrote as archives with its result. The request travels once to each worker.
"""

import hashlib
import io
import logging
import pickle
import secrets
import shutil
import socket
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import dask
from distributed import Client, KilledWorker, Reschedule, Status, WorkerPlugin, get_worker
from distributed import Worker as DaskWorker

from toolkit.comparison.cell import Work, worker_work
from toolkit.comparison.executors import Folders, FutureTasks, Report, Tasks, Worker, WorkerEndedError, threads_each
from toolkit.comparison.folder import SHARED
from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.environment import compiler, versions
from toolkit.errors import InputError, first_line
from toolkit.files import write_file
from toolkit.results.text import plural
from toolkit.runs.folder import write_whole
from toolkit.runs.process import Aside, ProcessEndedError
from toolkit.text.sources import have_texts
from toolkit.training.stopping import STOP_SECONDS, STOPPED, stop_at_a_checkpoint

TOPIC = "word-char-toolkit"  # of the reports that workers send through the scheduler
CONNECT_SECONDS = 10
CLOSE_SECONDS = 10.0
MAX_GRAPH_SIZE = "1GiB"  # of a task with its archives, before Dask warns
EXECUTING = ("executing", "long-running")


@contextmanager
def cluster(request: Request, address: str, out: Path, reporter: Reporter) -> Iterator[Tasks[Work]]:
    """Yield tasks that the workers of a scheduler compute for a comparison in the folder ``out``.

    The end of the block cancels the remaining tasks and ends their processes. Raises InputError if there is no
    scheduler, if it is lost in the block, or if a worker would compute other numbers than this machine.
    """
    out = out.resolve()
    name = f"{TOPIC} {socket.gethostname()}:{out}"  # replaces what a killed command has left on the workers
    with connection(address) as client, marked(out) as (marker, token):
        executor = client.get_executor(pure=False, resources=dict(request.where.resources) or None)
        try:
            client.register_plugin(WorkerProcesses(name, request, marker, token), name)  # of later workers, too
            shared = client.run(sees_folder, name, on_error="ignore").values()
            ships = not shared or not all(shared)
            travel = "; folders of cells travel with their tasks" if ships else ""
            reporter.stage(f"{address} has {plural(len(shared), 'worker')}{travel}")
            tasks = ClusterTasks(executor, name, out, reporter, ships=ships)
            client.subscribe_topic(TOPIC, tasks.receive)
            yield tasks
        finally:
            if client.status == "running":
                executor.shutdown(wait=False)
                client.unregister_worker_plugin(name)


class ClusterTasks(FutureTasks[Work]):
    """Tasks of a Dask cluster. ``ships`` says whether they travel with archives of their folders."""

    def __init__(self, executor: Executor, name: str, out: Path, reporter: Reporter, *, ships: bool) -> None:
        super().__init__(reporter)
        self._executor, self._name, self._out, self._ships = executor, name, out, ships

    def receive(self, event: tuple[float, tuple[str, bytes]]) -> None:
        """Receive a worker's report, in a thread of Dask's."""
        _, (name, report) = event
        if name == self._name:
            self._reports.put(pickle.loads(report))

    def start(self, task: Callable[[Work], Any], folders: Folders) -> Future[Any]:
        """Start a task on a worker."""
        archives = packed(self._out, (*folders.read, *folders.written)) if self._ships else None
        return self._executor.submit(compute, self._name, task, folders, archives)

    def result(self, future: Future[Any]) -> Any:
        """Return the result of a task; the folders that it wrote elsewhere replace the comparison's."""
        try:
            result, archives = future.result()
        except KilledWorker as error:
            raise WorkerEndedError(
                f"Workers died repeatedly with the same task, the last one {error.last_worker.address}. Finished cells "
                f"are kept; see the last messages of the workers, and repeat the command."
            ) from error
        for folder, archive in archives.items():
            write_whole(self._out / folder, partial(unpack, archive))
        return result


def packed(out: Path, folders: Iterable[str]) -> dict[str, bytes]:
    """Return the existing folders as archives, by their names in ``out``."""
    archives = {}
    for folder in folders:
        if (out / folder).is_dir():
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w") as archive:
                archive.add(out / folder, ".")
            archives[folder] = buffer.getvalue()
    return archives


def unpack(archive: bytes, folder: Path) -> None:
    """Write the content of an archive into a folder."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        opened.extractall(folder, filter="data")


@contextmanager
def connection(address: str) -> Iterator[Client]:
    """Yield a client of a scheduler. Raises InputError if there is none, or if it is lost in the block."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # errors are raised here
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": MAX_GRAPH_SIZE}):
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(
                f"There is no scheduler at {address}: {first_line(error)}. Start one with dask scheduler, or give the "
                f"address that it prints."
            ) from error
        try:
            yield client
        except ImportError as error:
            raise InputError(
                f"A worker lacks this program: {first_line(error)}. Install the same versions on all machines."
            ) from error
        except Exception as error:
            if isinstance(error, CancelledError) or client.status != "running":
                raise InputError(
                    f"The scheduler {address} was lost. Finished cells are kept; start a scheduler and workers, and "
                    f"repeat the command."
                ) from error
            raise
        finally:
            client.close(timeout=CLOSE_SECONDS)


@contextmanager
def marked(out: Path) -> Iterator[tuple[Path, str]]:
    """Yield a file in a folder and its content: a worker that can read it sees the folder."""
    marker, token = out / f"{SHARED}{secrets.token_hex(4)}", secrets.token_hex(16)
    write_file(marker, token)
    try:
        yield marker, token
    finally:
        marker.unlink(missing_ok=True)


class WorkerProcesses(WorkerPlugin):  # type: ignore[misc]
    """The processes of a Dask worker that compute a comparison's tasks, at most one for each of its threads."""

    def __init__(self, name: str, request: Request, marker: Path, token: str) -> None:
        self._name, self._request, self._plug_ins = name, request, request.plug_ins
        self._marker, self._token, self._directory = marker, token, Path.cwd()
        self._files = [*request.code, *(str(column.file.resolve()) for column in request.columns if column.file)]
        self._facts = machine_facts(self._files)

    def setup(self, worker: DaskWorker) -> None:
        """Prepare a worker. Raises InputError if its machine would compute other numbers than the command's."""
        self._worker, self._ended = worker, False
        self._idle: SimpleQueue[tuple[Worker[Work], Path]] = SimpleQueue()
        self._busy: dict[str, Worker[Work]] = {}  # by the key of the task
        self.sees_folder = has_content(self._marker, self._token)
        self._refusal = ""
        for fact, value in machine_facts(self._files).items():
            if value != self._facts[fact]:
                self._refusal = (
                    f"The worker {worker.address} differs from the command: its {fact} is {value}, not "
                    f"{self._facts[fact]}. Make them equal, or end the worker."
                )
                raise InputError(self._refusal)

    def compute(
        self, task: Callable[[Work], Any], folders: Folders, archives: Mapping[str, bytes] | None
    ) -> tuple[Any, dict[str, bytes]]:
        """Return a task's result, and archives of the folders that it wrote outside the comparison's folder."""
        if archives is None and not self.sees_folder:
            self._refusal = f"The worker {self._worker.address} does not see {self._marker.parent}. End the worker."
        if self._refusal:  # a worker that joined later
            raise InputError(self._refusal)
        key = str(self._worker.get_current_task())
        process, out = self._process()
        self._busy[key] = process
        try:
            if self._ended:
                raise Reschedule
            if self.sees_folder:
                return process.compute(task, self._report), {}
            for folder, archive in (archives or {}).items():
                unpack(archive, out / folder)
            return process.compute(task, self._report), packed(out, folders.written)
        except WorkerEndedError as error:
            ended = error.__cause__
            if self._ended or (isinstance(ended, ProcessEndedError) and ended.code == STOPPED):
                raise Reschedule from error
            raise
        finally:
            del self._busy[key]
            if not self.sees_folder:
                shutil.rmtree(out, ignore_errors=True)
            if process.alive:
                self._idle.put((process, out))

    def _process(self) -> tuple[Worker[Work], Path]:
        """Return an idle process, or a new one, and the folder in which it computes."""
        try:
            return self._idle.get_nowait()
        except Empty:
            scratch = Path(self._worker.local_directory) / f"{TOPIC}-{secrets.token_hex(4)}"
            out = self._marker.parent if self.sees_folder else scratch
            threads = threads_each(self._worker.state.nthreads)
            make = partial(work_on_worker, self._request, out, threads, self._plug_ins)
            process = Aside({}, self._directory if self._directory.is_dir() else None)
            remedy = "give workers more memory or fewer threads (dask worker --nthreads), and repeat the command"
            return Worker(process, make, f"A process of the worker {self._worker.address}", remedy), out

    def _report(self, report: Report) -> None:
        self._worker.log_event(TOPIC, (self._name, pickle.dumps(report)))

    def transition(self, key: str, start: str, finish: str, **_: Any) -> None:
        """Kill the process of a task that is cancelled."""
        if start in EXECUTING and finish == "released" and (process := self._busy.get(key)):
            process.process.kill()

    def teardown(self, worker: DaskWorker) -> None:
        """End all processes; if the worker closes, training keeps a checkpoint first."""
        self._ended = True
        busy = [worker.process for worker in self._busy.values()]
        for process in busy:
            process.kill() if worker.status == Status.running else process.terminate()
        while not self._idle.empty():
            self._idle.get()[0].process.close()
        end = time.monotonic() + 2 * STOP_SECONDS
        while any(process.alive for process in busy) and time.monotonic() < end:
            time.sleep(0.01)
        for process in busy:
            process.kill()


def compute(
    name: str, task: Callable[[Work], Any], folders: Folders, archives: Mapping[str, bytes] | None
) -> tuple[Any, dict[str, bytes]]:
    """Compute a task with the processes of this worker for a comparison."""
    processes: WorkerProcesses = get_worker().plugins[name]
    return processes.compute(task, folders, archives)


def sees_folder(name: str, dask_worker: DaskWorker) -> bool:
    """Return whether a worker sees the folder of a comparison."""
    return dask_worker.plugins[name].sees_folder  # type: ignore[no-any-return]


def has_content(file: Path, text: str) -> bool:
    """Return whether a file can be read here and has this content."""
    try:
        return file.read_text("utf-8") == text
    except OSError:
        return False


def machine_facts(files: Iterable[str]) -> dict[str, str]:
    """Return what affects the numbers on a machine: versions, compiler, source code and the contents of files."""
    package = Path(__file__).parents[1]
    source = b"".join(path.read_bytes() for path in sorted(package.rglob("*")) if path.suffix in {".py", ".cc"})
    facts = versions() | {"C++ compiler": "present" if compiler() else "missing", "source code": sha256(source)}
    return facts | {file: sha256(Path(file).read_bytes()) if Path(file).is_file() else "missing" for file in files}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def work_on_worker(request: Request, out: Path, threads: int, plug_ins: Mapping[str, str], reporter: Reporter) -> Work:
    """Return the work of a process below a Dask worker, which stops at a checkpoint when it is told to end."""
    stop_at_a_checkpoint()
    have_texts(request.corpus)
    return worker_work(request, out, threads, plug_ins, reporter)
