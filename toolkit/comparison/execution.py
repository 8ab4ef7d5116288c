"""Where cells are computed: here, one after another, or in processes side by side (concurrent.futures).

What computes is a *work*. A task is called with one; each process makes its own, so that only plain data is handed
over: how to make it, the tasks and their results. No worker outlives its parent, whose lock the folder has: each holds
one end of a line, and ends at once, in the middle of a task, when the parent closes the other or dies.
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
from pathlib import Path
from threading import Thread
from typing import Any, Generic, Protocol, TypeVar

from toolkit.comparison.reporter import Reporter
from toolkit.errors import InputError
from toolkit.results import Cell, FailedCell
from toolkit.training.progress import Progress

W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)
R = TypeVar("R")

SECONDS_BETWEEN_LOOKS = 0.1  # at what the workers report
QUOTA = Path("/sys/fs/cgroup/cpu.max")  # of a container on Linux: processor time in a period, and the period
Reports = SimpleQueue[Callable[[Reporter], None]]


def cores() -> int:
    """How many cores this process may use: those that it may run on, and no more than a container's share."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, period = QUOTA.read_text("ascii").split() if QUOTA.is_file() else ("max", "")
    return usable if quota == "max" else max(1, min(usable, int(quota) // int(period)))


def threads_each(workers: int) -> int:
    """Each worker's share of the cores, at least one."""
    return max(1, cores() // workers)


def default_workers(cells: int, budget_seconds: float | None) -> int:
    """How many cells are computed at once where nobody says: as many as there are cores, but one by the clock.

    There it would not make the comparison better, only shorter: each cell would learn less in its time.
    """
    return 1 if budget_seconds is not None else min(cells, cores())


class Executor(Protocol[W_co]):
    """Computes tasks, and does with each result what was said."""

    def submit(self, task: Callable[[W_co], R], then: Callable[[R], None]) -> None:
        """Have the task computed; ``then`` gets its result, here, and may submit further tasks."""
        ...

    def run(self) -> None:
        """Until nothing is left to compute. Raises what the first task that fails does."""
        ...


class Here(Generic[W]):
    """Computes tasks here, one after another, in the order in which they came."""

    def __init__(self, work: W) -> None:
        self.work = work
        self.tasks: deque[tuple[Callable[[W], Any], Callable[[Any], None]]] = deque()

    def submit(self, task: Callable[[W], R], then: Callable[[R], None]) -> None:
        """Have the task computed when its turn has come."""
        self.tasks.append((task, then))

    def run(self) -> None:
        """Until nothing is left to compute."""
        while self.tasks:
            task, then = self.tasks.popleft()
            then(task(self.work))


class Processes(Generic[W]):
    """Computes tasks in processes side by side, begun in the order in which they came, done in any.

    What the processes report is handed to the reporter by whoever calls ``run``: all that a task reported comes before
    its result.
    """

    def __init__(self, executor: ProcessPoolExecutor, reports: Reports, reporter: Reporter) -> None:
        self.executor, self.reports, self.reporter = executor, reports, reporter
        self.waiting: dict[Future[Any], Callable[[Any], None]] = {}

    def submit(self, task: Callable[[W], R], then: Callable[[R], None]) -> None:
        """Have the task computed."""
        self.waiting[self.executor.submit(compute, task)] = then

    def run(self) -> None:
        """Until nothing is left to compute."""
        while self.waiting:
            done, _ = wait(self.waiting, SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED)
            while not self.reports.empty():
                self.reports.get()(self.reporter)
            for future in done:
                self.waiting.pop(future)(future.result())


@contextmanager
def processes(make: Callable[[Reporter], W], number: int, reporter: Reporter) -> Iterator[Processes[W]]:
    """So many processes, each of which makes a work of its own for the tasks that it gets; they end with the block.

    ``make``, tasks and results are pickled. Whatever ends the block early ends the processes in the middle of their
    tasks. Raises InputError where a process was killed.
    """
    context = get_context("spawn")  # nothing is inherited: TensorFlow does not survive a fork
    reports: Reports = context.SimpleQueue()
    line, held = context.Pipe(duplex=False)
    begun = context.Event()
    executor = ProcessPoolExecutor(number, context, begin, (make, reports, line, begun))
    try:
        with uninterrupted():
            # The executor begins a process for a task that finds none idle, and sees only the deaths of processes that
            # there were when it last got a task. So all begin here, none idle before the last, and one task follows.
            for _ in range(number + 1):
                executor.submit(wait_for_all)
            begun.set()
        yield Processes(executor, reports, reporter)
        executor.shutdown()
    except BrokenProcessPool as error:
        raise InputError(
            "A process that computed cells was killed, as systems do when memory runs short; what was finished is "
            "kept: give the same command again, with fewer --workers."
        ) from error
    finally:
        held.close()
        executor.shutdown(cancel_futures=True)
        line.close()
        reports.close()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A process begun in this block takes no Ctrl-C, which a terminal sends to all processes: its parent ends it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # kept by the process for its life
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Relay:
    """The reporter of a worker: everything goes to the parent's, at once."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def stage(self, what: str) -> None:
        """A step has begun."""
        self._reports.put(methodcaller("stage", what))

    def training(self, cell: str, progress: Progress) -> None:
        """Training stands here."""
        self._reports.put(methodcaller("training", cell, progress))

    def verifying(self, cell: str, done: int, characters: int) -> None:
        """So many characters were coded or decoded."""
        self._reports.put(methodcaller("verifying", cell, done, characters))

    def finished(self, cell: Cell | FailedCell) -> None:
        """A cell has its result."""
        self._reports.put(methodcaller("finished", cell))


class Worker(Generic[W]):
    """This process as a worker. Its work is made with the first task, which then fails if it cannot be made."""

    def __init__(self, make: Callable[[Reporter], W], reports: Reports) -> None:
        self.make, self.reports = make, reports

    @cached_property
    def work(self) -> W:
        """What the tasks are called with."""
        return self.make(Relay(self.reports))


_worker: Worker[Any]  # of a process that is one
_begun: Event  # once all are


def begin(make: Callable[[Reporter], Any], reports: Reports, line: Connection, begun: Event) -> None:
    """Begin a worker."""
    global _worker, _begun
    Thread(target=end_with, args=(line,), daemon=True).start()
    _worker, _begun = Worker(make, reports), begun


def end_with(line: Connection) -> None:
    """Wait until the other end of the line is closed, and end this process."""
    line.poll(None)
    os._exit(1)


def wait_for_all() -> None:
    """A task that has its process begin, and ends when all have begun."""
    _begun.wait()


def compute(task: Callable[[Any], R]) -> R:
    """A task's result, in a worker."""
    return task(_worker.work)
