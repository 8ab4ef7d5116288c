"""Where cells are computed: one after another in this process, or in parallel workers (concurrent.futures).

A task is called with a *work*, which has all that it needs. Each worker makes its own, so only plain data is passed
between processes: the function that makes the work, the tasks and their results. No worker outlives its parent, which
holds the folder's lock: each has one end of a pipe and exits at once, even during a task, when the parent closes the
other end or dies.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from operator import methodcaller
from threading import Thread
from typing import Any, Generic, Protocol, TypeVar

from toolkit.comparison.reporter import Reporter
from toolkit.environment import cores
from toolkit.errors import InputError
from toolkit.results.cell import Cell, FailedCell
from toolkit.training.progress import Progress

W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)
R = TypeVar("R")

POLL_SECONDS = 0.1  # how often the workers' reports are read
Reports = SimpleQueue[Callable[[Reporter], None]]


def threads_each(workers: int) -> int:
    """Each worker's share of the cores, at least one."""
    return max(1, cores() // workers)


def default_workers(cells: int, budget_seconds: float | None) -> int:
    """How many cells are computed at once by default: as many as there are cores, but one with a time budget.

    With a budget, more would make the comparison shorter but not better: each cell would learn less in its time.
    """
    return 1 if budget_seconds is not None else min(cells, cores())


class Executor(Protocol[W_co]):
    """Runs tasks and passes each result to its callback."""

    def submit(self, task: Callable[[W_co], R], then: Callable[[R], None]) -> None:
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

    def submit(self, task: Callable[[W], R], then: Callable[[R], None]) -> None:
        """Add a task."""
        self.tasks.append((task, then))

    def run(self) -> None:
        """Run until no task is left."""
        while self.tasks:
            task, then = self.tasks.popleft()
            then(task(self.work))


class ProcessExecutor(Generic[W]):
    """Runs tasks in parallel workers: started in the order in which they were submitted, finished in any order.

    ``run`` passes the workers' reports to the reporter: everything that a task reported before its result.
    """

    def __init__(self, executor: ProcessPoolExecutor, reports: Reports, reporter: Reporter) -> None:
        self.executor, self.reports, self.reporter = executor, reports, reporter
        self.waiting: dict[Future[Any], Callable[[Any], None]] = {}

    def submit(self, task: Callable[[W], R], then: Callable[[R], None]) -> None:
        """Add a task."""
        self.waiting[self.executor.submit(compute, task)] = then

    def run(self) -> None:
        """Run until no task is left."""
        while self.waiting:
            done, _ = wait(self.waiting, POLL_SECONDS, FIRST_COMPLETED)
            while not self.reports.empty():
                self.reports.get()(self.reporter)
            for future in done:
                self.waiting.pop(future)(future.result())


@contextmanager
def processes(make: Callable[[Reporter], W], number: int, reporter: Reporter) -> Iterator[ProcessExecutor[W]]:
    """This many workers, each of which makes its own work for its tasks; they exit at the end of the block.

    ``make``, tasks and results are pickled. An exception in the block stops the workers, even during a task.
    Raises InputError if a worker ends before its task.
    """
    context = get_context("spawn")  # nothing is inherited: TensorFlow does not survive a fork
    reports: Reports = context.SimpleQueue()
    line, held = context.Pipe(duplex=False)
    all_started = context.Event()
    executor = ProcessPoolExecutor(number, context, start_worker, (make, reports, line, all_started))
    try:
        with uninterrupted():
            # The executor starts a process if none is idle when it gets a task, and notices only the death of processes
            # that existed when it last got a task. So all start here, none idle before the last, and one task follows.
            for _ in range(number + 1):
                executor.submit(wait_for_all)
            all_started.set()
        yield ProcessExecutor(executor, reports, reporter)
        executor.shutdown()
    except BrokenProcessPool as error:
        raise InputError(
            "A worker process ended before its work did: it was killed, as systems do when memory runs short, or it "
            "could not import the script that asked for workers (then the reason stands above). Finished cells are "
            "kept; repeat the command with fewer --workers."
        ) from error
    finally:
        held.close()
        executor.shutdown(cancel_futures=True)
        line.close()
        reports.close()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Processes started in this block ignore Ctrl-C, which a terminal sends to all: their parent stops them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # a process keeps it for life
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Relay:
    """The reporter of a worker: passes everything to the parent's at once."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def stage(self, what: str) -> None:
        """A step starts."""
        self._reports.put(methodcaller("stage", what))

    def training(self, cell: str, progress: Progress) -> None:
        """The progress of a cell's training."""
        self._reports.put(methodcaller("training", cell, progress))

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """How many characters have been coded or decoded."""
        self._reports.put(methodcaller("verifying", cell, done, characters))

    def finished(self, cell: Cell | FailedCell) -> None:
        """A cell is finished."""
        self._reports.put(methodcaller("finished", cell))


class Worker(Generic[W]):
    """This process as a worker. Its work is made for the first task, which fails if the work cannot be made."""

    def __init__(self, make: Callable[[Reporter], W], reports: Reports) -> None:
        self.make, self.reports = make, reports

    @cached_property
    def work(self) -> W:
        """What the tasks are called with."""
        return self.make(Relay(self.reports))


_worker: Worker[Any]  # set in a worker process
_all_started: Event  # set once all workers have started


def start_worker(make: Callable[[Reporter], Any], reports: Reports, line: Connection, all_started: Event) -> None:
    """Make this process a worker."""
    global _worker, _all_started
    Thread(target=exit_with, args=(line,), daemon=True).start()
    _worker, _all_started = Worker(make, reports), all_started


def exit_with(line: Connection) -> None:
    """Wait until the other end of the pipe is closed, then exit."""
    line.poll(None)
    os._exit(1)


def wait_for_all() -> None:
    """A task that makes its process start; it ends once all have started."""
    _all_started.wait()


def compute(task: Callable[[Any], R]) -> R:
    """A task's result, in a worker."""
    return task(_worker.work)
