"""Functions called in another process, which has nothing but their arguments and the files of ``--code``.

Unlike multiprocessing's, the process does not import the caller's script, so it can hold nothing that the script holds.
It ends with its parent. Its output goes to standard error.
"""

import gc
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread, get_ident
from typing import Any, NamedTuple, TypeVar

from toolkit import errors
from toolkit.environment import search_rarely_for_garbage
from toolkit.plugins import load_code

R = TypeVar("R")

# A task calls it with its progress, or with any message that its caller understands.
Report = Callable[[Any], None]
STANDARD_INPUT, STANDARD_ERROR = 0, 2
KILLING_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
MAX_SECONDS_TO_END = 5.0  # for a process that no longer answers


class Aside(AbstractContextManager["Aside"]):
    """A new process, which runs the files of ``code`` (paths with their SHA-256) first and works in ``folder``.

    ``exit_code`` is set once a call has met the end of the process; it is negative for a signal.
    """

    exit_code: int | None = None

    def __init__(self, code: Mapping[str, str], folder: Path | None = None) -> None:
        self._code = [(Path(name).resolve(), digest) for name, digest in code.items()]
        self._line, child_line = Pipe()
        path = [entry or os.getcwd() for entry in sys.path]
        start = (  # a terminal may stop a background process that writes to it
            "import signal, sys; signal.signal(signal.SIGTTOU, signal.SIG_IGN); "
            f"sys.path[:] = {path!r}; from toolkit.runs.process import serve; serve({child_line.fileno()})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", start],
            cwd=folder,
            stdin=subprocess.PIPE,  # its end tells the process that its parent has ended
            stdout=STANDARD_ERROR,
            pass_fds=[child_line.fileno()],
            process_group=0,  # Ctrl-C, which a terminal sends to a whole group, is for the parent
        )
        child_line.close()

    def call(self, task: Callable[..., R], *arguments: Any, report: Report = lambda _: None) -> R:
        """Return the result of a task, which gets the arguments and a function for its reports. All are pickled.

        Raises MemoryError or OSError if memory or disk space ran out, and the task's error if it is of errors.py. Any
        other error becomes a ContractError, and so does an early end. Raises KilledError if the process was killed.
        """
        answer: Any = None
        if self._line.closed:
            raise self._early_end()
        try:
            self._line.send_bytes(pickle.dumps((self._code, task, arguments)))
            while not isinstance(answer := self._line.recv(), Answer):
                report(answer)
        except (EOFError, ConnectionError) as error:
            raise self._early_end() from error
        finally:
            if not isinstance(answer, Answer):  # an interrupted task may still answer, which is for no later call
                self.close()
        if answer.error:
            raise answer.error
        return answer.value  # type: ignore[no-any-return]

    @property
    def alive(self) -> bool:
        """Whether it can be called."""
        return self._process.poll() is None

    def _early_end(self) -> Exception:
        try:
            self.exit_code = self._process.wait(MAX_SECONDS_TO_END)
        except subprocess.TimeoutExpired:  # it has closed its line and still runs
            self.kill()
            self.exit_code = self._process.wait()
        if -self.exit_code in KILLING_SIGNALS:
            return errors.KilledError(errors.KILLED)
        return errors.ContractError(f"its process ended before its task, with exit code {self.exit_code}")

    def kill(self) -> None:
        """End the process, from any thread. A call that waits for it raises KilledError."""
        self._process.kill()

    def close(self) -> None:
        """End the process and release its resources."""
        self.kill()
        self._line.close()
        self._process.communicate()

    def __exit__(self, *exception: object) -> None:
        self.close()


class Crew(ThreadPoolExecutor):
    """Threads that may each wait for a process of their own. All processes end with the block.

    They run the files of ``code`` first and work in ``folder``. Other threads may have processes here, too.
    """

    def __init__(self, size: int, code: Mapping[str, str], folder: Path | None = None) -> None:
        super().__init__(size)
        self.size, self._code, self._folder = size, code, folder
        self.by_thread: dict[int, Aside] = {}  # the latest process that each thread has started
        self.is_over = False

    def start(self) -> Aside:
        """Start a process for the calling thread."""
        process = self.by_thread[get_ident()] = Aside(self._code, self._folder)
        if self.is_over:  # it began while processes were killed
            process.kill()
        return process

    def current(self) -> Aside:
        """Return the calling thread's process. A new one replaces a process that has ended."""
        process = self.by_thread.get(get_ident())
        return process if process and process.alive else self.start()

    def alone(self, task: Callable[..., R], *arguments: Any) -> R:
        """Return the result of a task in a process that ends with it. Raises as ``Aside.call`` does."""
        with self.start() as process:
            return process.call(_without_report, task, *arguments)  # type: ignore[no-any-return]

    def kill(self) -> None:
        """End all processes, also during a task."""
        self.is_over = True
        for process in list(self.by_thread.values()):
            process.kill()

    def close(self) -> None:
        """End all processes, and start no other task."""
        self.shutdown(wait=False, cancel_futures=True)
        self.kill()
        self.shutdown()
        for process in self.by_thread.values():
            process.close()

    def __exit__(self, *exception: object) -> None:
        self.close()


def _without_report(task: Callable[..., R], *arguments: Any) -> R:
    gc.disable()  # searching millions of words for garbage would take a third of the time
    return task(*arguments[:-1])


class Answer(NamedTuple):
    """The result of a task, or its error."""

    value: Any = None
    error: Exception | None = None


def serve(descriptor: int) -> None:
    """Compute tasks in this new process until its parent ends."""
    search_rarely_for_garbage()
    Thread(target=_exit_with_parent, daemon=True).start()
    line = Connection(descriptor)
    with suppress(EOFError, ConnectionError):
        while True:
            line.send_bytes(_answer(line.recv_bytes(), line.send))


def _answer(call: bytes, report: Report) -> bytes:
    try:
        code, task, arguments = pickle.loads(call)  # from our parent, which is this program
        for file in code:
            load_unchanged(*file)
        return pickle.dumps(Answer(task(*arguments, report)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - someone else's code may raise anything
        return pickle.dumps(Answer(None, _sendable(error)))


def _sendable(error: BaseException) -> Exception:
    for reason in filter(None, (error, error.__cause__)):
        if isinstance(reason, OSError) and reason.errno in errors.FULL:
            return OSError(reason.errno, reason.strerror, reason.filename)
        if errors.out_of_memory(reason):
            return MemoryError(errors.first_line(reason))
    if isinstance(error, (errors.InputError, errors.ContractError, errors.KilledError, errors.VerificationError)):
        return type(error)(str(error))
    return broken(error)


def broken(error: BaseException) -> errors.ContractError:
    """Return a ContractError with the error of someone else's code, in one line.

    >>> str(broken(ZeroDivisionError("division by zero")))
    'its code raises ZeroDivisionError: division by zero'
    """
    if os.environ.get(errors.DEBUGGING):
        traceback.print_exception(error)
    return errors.ContractError(f"its code raises {type(error).__name__}: {errors.first_line(error)}")


def load_unchanged(path: str | Path, digest: str) -> None:
    """Run a file of ``--code``, as ``load_code`` does. Raises InputError if this is not its SHA-256."""
    if load_code(Path(path)) != digest:
        raise errors.InputError(f"The code {path} has changed since it was run. Repeat the command.")


def _exit_with_parent() -> None:
    # A thread that waits in ``sys.stdin`` would keep the interpreter from ending.
    while os.read(STANDARD_INPUT, 1):
        pass
    os._exit(1)
