"""Compute tasks in this process or in isolated processes of this machine; cluster.py uses other machines.

A task is a function of a *work*, which has everything that tasks share. Each worker process makes a work of its own
from a pickled function, so only that function, tasks, results and reports pass between processes. Workers do not
import the caller's script (runs/process.py) and end with their parent, which holds the lock of the comparison's folder.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from operator import methodcaller
from queue import SimpleQueue
from threading import get_ident
from traceback import format_exception
from typing import Any, Generic, TypeVar, cast

from toolkit.comparison.progress import Reporter
from toolkit.environment import cores
from toolkit.errors import ContractError, InputError, KilledError
from toolkit.runs.process import Crew

W = TypeVar("W")
R = TypeVar("R")
Report = Callable[[Reporter], None]  # calls a method of the reporter
Send = Callable[[Report], None]
Make = Callable[[Reporter], W]  # makes the work of a worker
Start = Callable[[Callable[[W], Any]], Future[Any]]

POLL_SECONDS = 0.1  # between two looks at the reports of workers


class WorkerEndedError(InputError):
    """A worker process ended during a task; ``exit_code`` is its own, if that is known."""

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def threads_each(workers: int) -> int:
    """Return each worker's share of the cores, at least one."""
    return max(1, cores() // workers)


class Tasks(Generic[W]):
    """Computes tasks as futures, and passes each result on in the process of the command, after the task's reports.

    ``start`` begins a task, and ``result`` returns the result of its future. Reports from any thread are put into
    ``reports``. If a worker process ends, the remaining tasks are computed before ``run`` raises WorkerEndedError.
    """

    def __init__(self, reporter: Reporter, start: Start[W], result: Callable[[Future[Any]], Any]) -> None:
        self._reporter, self._start, self._result = reporter, start, result
        self.reports: SimpleQueue[Report] = SimpleQueue()
        self._callbacks: dict[Future[Any], Callable[[Any], None]] = {}

    def submit(self, task: Callable[[W], R], then: Callable[[R], None]) -> None:
        """Add a task. ``then`` receives its result in this process and may submit more tasks."""
        self._callbacks[self._start(task)] = then

    def run(self) -> None:
        """Compute until no task is left. Raises the exception of the first task that fails."""
        worker_error: WorkerEndedError | None = None
        while self._callbacks:
            ended, _ = wait(self._callbacks, POLL_SECONDS, FIRST_COMPLETED)
            while not self.reports.empty():
                self.reports.get()(self._reporter)
            for future in [future for future in self._callbacks if future in ended]:  # in the order of submission
                then = self._callbacks.pop(future)
                try:
                    value = self._result(future)
                except WorkerEndedError as error:
                    worker_error = worker_error or error
                else:
                    then(value)
        if worker_error:
            raise worker_error


def inline_tasks(work: W, reporter: Reporter) -> Tasks[W]:
    """Return tasks of this process."""

    def start(task: Callable[[W], Any]) -> Future[Any]:
        future = Future[Any]()
        future.set_result(task)
        return future

    return Tasks(reporter, start, lambda future: future.result()(work))


@contextmanager
def processes(make: Make[W], number: int, reporter: Reporter) -> Iterator[Tasks[W]]:
    """Yield tasks that are computed by a number of worker processes, which end with the block.

    ``make`` makes the work of a worker. It is pickled, like tasks and results.
    """

    def start(task: Callable[[W], Any]) -> Future[Any]:
        return crew.submit(compute, crew, make, task, tasks.reports.put)  # a thread waits for each process

    tasks = Tasks(reporter, start, Future.result)
    with Crew(number, {}) as crew:
        yield tasks


def compute(crew: Crew, make: Make[W], task: Callable[[W], R], report: Send, name: str = "A process") -> R:
    """Return the result of a task in the calling thread's process. ``make`` makes the work of a new process.

    Raises the task's exception, or WorkerEndedError, which names the process, if it ends before.
    """
    process_before, process = crew.by_thread.get(get_ident()), crew.current()
    first_make = None if process is process_before else make
    try:
        value, error = process.call(outcome, first_make, task, report=report)
    except (KilledError, ContractError) as ended:
        if process.exit_code is None:  # it could not send the result
            raise
        message = (
            f"{name} ended with exit code {process.exit_code}: it ran out of memory, or crashed. Finished cells are "
            f"kept; repeat the command, with fewer --workers (of Dask: --nthreads)."
        )
        raise WorkerEndedError(message, process.exit_code) from ended
    if error:
        process.close()  # it has no work if ``make`` failed
        raise error
    return value  # type: ignore[no-any-return]


_work: Any = None  # the work of a worker process


def outcome(make: Make[W] | None, task: Callable[[W], Any], report: Send) -> tuple[Any, Exception | None]:
    """Return a task's result and None, or None and its exception, which carries the worker's traceback as a note."""
    global _work
    try:
        if make is not None:
            _work = make(cast(Reporter, Relay(report)))
        return task(_work), None
    except Exception as error:  # noqa: BLE001 - the parent raises it
        error.add_note("".join(format_exception(error)))
        return None, error


class Relay:
    """The reporter of a worker process: sends each call of its methods to the parent."""

    def __init__(self, report: Send) -> None:
        self._report = report

    def __getattr__(self, method: str) -> Callable[..., None]:
        return lambda *arguments: self._report(methodcaller(method, *arguments))
