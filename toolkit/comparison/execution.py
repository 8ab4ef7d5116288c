"""Where cells are computed: one after another in this process, or in parallel workers.

A task is called with a *work*, which has all that it needs. Each worker makes its own, so only plain data is passed
between processes: the function that makes the work, the tasks and their results. Workers do not import the caller's
script (runs/process.py), which may therefore ask for them anywhere. None outlives its parent, which holds the folder's
lock.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import methodcaller
from queue import SimpleQueue
from traceback import format_exception
from typing import Any, Generic, Protocol, TypeVar

from toolkit.comparison.progress import Reporter
from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.results.cell import Cell, FailedCell
from toolkit.runs.process import Aside, ProcessEndedError, ProcessKilledError, Report, Told, broken
from toolkit.training.records import Progress

W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)
R = TypeVar("R")

POLL_SECONDS = 0.1  # how often the workers' reports are read
Reported = Callable[[Reporter], None]  # tells the reporter


def threads_each(workers: int) -> int:
    """Each worker's share of the cores, at least one."""
    return max(1, cores() // workers)


@dataclass(frozen=True)
class Folders:
    """The folders that a task uses, by their names in the comparison's: they have to be where it is computed."""

    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()  # read, too: by a task that goes on with what another has begun

    @property
    def all(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.read, *self.written)


NO_FOLDERS = Folders()


class Executor(Protocol[W_co]):
    """Runs tasks and passes each result to its callback."""

    def submit(self, task: Callable[[W_co], R], then: Callable[[R], None], folders: Folders = NO_FOLDERS) -> None:
        """Add a task; ``then`` gets its result, in this process, and may submit further tasks."""
        ...

    def run(self) -> None:
        """Run until no task is left. Raises the exception of the first task that fails."""
        ...


class SerialExecutor(Generic[W]):
    """Runs tasks in this process, one after another, in the order in which they were submitted."""

    def __init__(self, work: W) -> None:
        self.work = work
        self.tasks: deque[tuple[Callable[[W], Any], Callable[[Any], None]]] = deque()

    def submit(self, task: Callable[[W], R], then: Callable[[R], None], _: Folders = NO_FOLDERS) -> None:
        """Add a task."""
        self.tasks.append((task, then))

    def run(self) -> None:
        """Run until no task is left."""
        while self.tasks:
            task, then = self.tasks.popleft()
            then(task(self.work))


class WorkerEndedError(InputError):
    """A worker's process has ended before its task did."""


def ended_early(process: str, error: ProcessEndedError | ProcessKilledError, if_killed: str) -> str:
    """What is said of a process that has ended before its task did, and what to do if that was for want of memory."""
    begun = f"{process} ended before its work did"
    if isinstance(error, ProcessKilledError):
        return f"{begun}: it was killed, as systems do when memory runs short. Finished cells are kept; {if_killed}."
    ended = f"{begun}, with exit code {error.code}. Finished cells are kept"
    return f"{ended}; see what the worker last wrote, and repeat the command."


class Worker(Generic[W]):
    """A process that computes tasks, one at a time, with a work of its own, which it makes for the first of them."""

    def __init__(self, process: Aside, make: Callable[[Reporter], W]) -> None:
        self._process = process
        self._make: Callable[[Reporter], W] | None = make  # until the process has it

    def compute(self, task: Callable[[W], R], report: Report) -> R:
        """A task's result. Raises what the task raises, and WorkerEndedError if the process ends before it."""
        try:
            told = self._process.call(computed, self._make, task, report=report)
        except (ProcessEndedError, ProcessKilledError) as error:
            said = ended_early("A worker process", error, "repeat the command with fewer --workers")
            raise WorkerEndedError(said) from error
        if told.raised:
            raise told.raised
        self._make = None
        return told.result  # type: ignore[no-any-return]


class ProcessExecutor(Generic[W]):
    """Runs tasks in parallel workers: started in the order in which they were submitted, finished in any order.

    A thread of this process waits for each worker. ``run`` passes the workers' reports to the reporter: everything that
    a task reported before its result. If a worker ends, as it does when memory runs short, the others go on.
    """

    def __init__(self, workers: Sequence[Worker[W]], threads: ThreadPoolExecutor, reporter: Reporter) -> None:
        self._threads, self._reporter = threads, reporter
        self._reports: SimpleQueue[Reported] = SimpleQueue()
        self._idle: SimpleQueue[Worker[W]] = SimpleQueue()
        for worker in workers:
            self._idle.put(worker)
        self._number, self._ended = len(workers), list[Worker[W]]()
        self._waiting: dict[Future[Any], Callable[[Any], None]] = {}

    def submit(self, task: Callable[[W], R], then: Callable[[R], None], _: Folders = NO_FOLDERS) -> None:
        """Add a task."""
        self._waiting[self._threads.submit(self._compute, task)] = then

    def _compute(self, task: Callable[[W], R]) -> R:
        """A task's result, in a thread: there are as many as workers, so one is idle, or will be."""
        worker = self._idle.get()
        try:
            return worker.compute(task, self._reports.put)
        except WorkerEndedError:
            self._ended.append(worker)
            raise
        finally:
            if worker not in self._ended or len(self._ended) >= self._number:  # the last one refuses what is left
                self._idle.put(worker)

    def run(self) -> None:
        """Run until no task is left. Raises WorkerEndedError, once the others are done, if a worker ended."""
        ended: WorkerEndedError | None = None
        while self._waiting:
            done, _ = wait(self._waiting, POLL_SECONDS, FIRST_COMPLETED)
            while not self._reports.empty():
                self._reports.get()(self._reporter)
            for future in done:
                then = self._waiting.pop(future)
                try:
                    result = future.result()
                except WorkerEndedError as error:
                    ended = error
                else:
                    then(result)
        if ended is not None:
            raise ended


@contextmanager
def processes(make: Callable[[Reporter], W], number: int, reporter: Reporter) -> Iterator[ProcessExecutor[W]]:
    """This many workers, each of which makes its own work for its tasks; they are ended at the end of the block.

    ``make``, tasks and results are pickled. An exception in the block ends the workers, even during a task.
    ``run`` raises WorkerEndedError if a worker ends before its task.
    """
    with ThreadPoolExecutor(number) as threads, ExitStack() as stack:
        workers = [Worker(stack.enter_context(Aside({})), make) for _ in range(number)]
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)  # before the workers end, on which they wait
        yield ProcessExecutor(workers, threads, reporter)


class Relay(Reporter):
    """The reporter of a worker: passes everything to the parent's at once."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def stage(self, what: str) -> None:
        """A step starts."""
        self._report(methodcaller("stage", what))

    def training(self, cell: str, progress: Progress) -> None:
        """The progress of a cell's training."""
        self._report(methodcaller("training", cell, progress))

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """How many characters have been coded or decoded."""
        self._report(methodcaller("verifying", cell, done, characters))

    def finished(self, cell: Cell | FailedCell) -> None:
        """A cell is finished."""
        self._report(methodcaller("finished", cell))


_work: Any  # in a worker process, what its tasks are called with


def computed(make: Callable[[Reporter], W] | None, task: Callable[[W], R], report: Report) -> Told:
    """What a task comes to, in a worker; ``make`` makes its work, for the first task."""
    global _work
    try:
        if make is not None:
            _work = make(Relay(report))
        return Told(task(_work))
    except BaseException as error:  # noqa: BLE001 - it is raised in the parent, with its traceback here as a note
        raised = error if isinstance(error, Exception) else broken(error)  # a panic of a library in Rust
        raised.add_note("".join(format_exception(error)))
        return Told(raised=raised)
