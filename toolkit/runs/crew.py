"""Work that goes on at the same time: threads that wait, each for a process of its own that computes."""

import gc
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, Self, TypeVar

from toolkit.runs.process import Aside, ProcessEndedError

R = TypeVar("R")


class Apart(Aside):
    """A process of its own, for tasks that report nothing."""

    def compute(self, task: Callable[..., R], *arguments: Any) -> R:
        """The result of a task. Raises as ``Aside.call`` does."""
        result: R = self.call(without_report, task, *arguments)
        return result


def without_report(task: Callable[..., R], *arguments: Any) -> R:
    """The result of a task, without the last argument, which is for its reports.

    The process ends soon after: to look for garbage among millions of words would take a third of its time.
    """
    gc.disable()
    return task(*arguments[:-1])


class Crew:
    """At most ``size`` works at a time. Their processes have the files of ``code``, and end with the block."""

    def __init__(self, size: int, code: Mapping[str, str]) -> None:
        self.size = size
        self._threads = ThreadPoolExecutor(size)
        self._code = code
        self._open: set[Apart] = set()
        self._lock = Lock()
        self._over = False

    def submit(self, work: Callable[..., R], *arguments: Any) -> "Future[R]":
        """The outcome of a work, done in a thread of this process."""
        return self._threads.submit(work, *arguments)

    def alone(self, task: Callable[..., R], *arguments: Any) -> R:
        """The result of a task, computed in a process that ends with it."""
        process = self.process()
        try:
            return process.compute(task, *arguments)
        finally:
            self.end(process)

    def process(self) -> Apart:
        """A process that lives until it is ended, or to the end of the block. Raises ProcessEndedError after that."""
        with self._lock:
            if self._over:  # a thread that was between two processes
                raise ProcessEndedError("its process would outlive the work that it is for")
            process = Apart(self._code)
            self._open.add(process)
        return process

    def end(self, process: Apart) -> None:
        """End a process."""
        with self._lock:
            self._open.discard(process)
        process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """End all processes, finished or not, and start nothing more: only what a thread computes itself is awaited."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._over = True
        for process in list(self._open):
            self.end(process)
        self._threads.shutdown()
