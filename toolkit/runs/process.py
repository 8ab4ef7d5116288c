"""Functions called in a process of its own, which has nothing but their arguments and the files of ``--code``.

Unlike multiprocessing's, the process does not import the caller's script: it can hold nothing that the script holds.
It ends with its parent. What it prints goes to standard error.
"""

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any, Self, TypeVar

from toolkit.environment import search_rarely_for_garbage
from toolkit.errors import (
    DEBUGGING,
    KILLED,
    ContractError,
    InputError,
    KilledError,
    VerificationError,
    disk_is_full,
    first_line,
    out_of_memory,
)
from toolkit.plugins import load_code, place_of, shown

R = TypeVar("R")

Report = Callable[[Any], None]  # a task calls it with how much is done, or with whatever its caller understands
STANDARD_INPUT, STANDARD_ERROR = 0, 2
FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)  # how others end a process
SECONDS_TO_END = 5.0  # that a process has once it no longer answers


def unreported(done: Any) -> None:
    """Tell nobody."""


class ProcessEndedError(ContractError):
    """The process of a task has ended before the task did; ``code`` is its exit code."""

    def __init__(self, said: str, code: int | None = None) -> None:
        super().__init__(said)
        self.code = code


class ProcessKilledError(KilledError):
    """The process of a task was ended from outside, which is no fault of the task; ``code`` is its exit code."""

    def __init__(self, said: str = KILLED, code: int = -signal.SIGKILL) -> None:
        super().__init__(said)
        self.code = code


class Aside:
    """A new process. ``code`` are Python files with their SHA-256, which it runs first; it works in ``folder``."""

    def __init__(self, code: Mapping[str, str], folder: Path | None = None) -> None:
        self._code = [(Path(name).resolve(), digest, shown(name)) for name, digest in code.items()]
        self._line, there = Pipe()
        path = [entry or os.getcwd() for entry in sys.path]
        start = (  # a terminal may stop who writes to it from the background, as this process does
            "import signal, sys; signal.signal(signal.SIGTTOU, signal.SIG_IGN); "
            f"sys.path[:] = {path!r}; from toolkit.runs.process import serve; serve({there.fileno()})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", start],
            cwd=folder,
            stdin=subprocess.PIPE,  # its end tells the process that its parent has ended
            stdout=STANDARD_ERROR,
            pass_fds=[there.fileno()],
            process_group=0,  # Ctrl-C, which a terminal sends to a whole group, is for the parent
        )
        there.close()
        self._ended_by_us = False

    def call(self, task: Callable[..., R], *arguments: Any, report: Report = unreported) -> R:
        """The result of a task, which is called with the arguments and a function that reports how much is done.

        Task and arguments are pickled. Raises what the task raises if it is one of our own errors (errors.py),
        MemoryError or OSError where the machine lacked memory or a disk, and ContractError, with the first line, for
        anything else. If the process ends before its task, or has ended, raises ProcessKilledError where it was killed
        from outside, else ProcessEndedError.
        """
        told: Any = None
        if self._line.closed:
            raise self._too_early("its process has ended")
        try:
            self._line.send_bytes(pickle.dumps((self._code, task, arguments)))
            while not isinstance(told := self._line.recv(), Told):
                report(told)
        except (EOFError, ConnectionError) as error:
            raise self._too_early("its process ended before its task did") from error
        finally:
            if not isinstance(told, Told):  # interrupted: what it still says belongs to no later call
                self.close()
        if told.raised:
            raise told.raised from told.cause
        return told.result  # type: ignore[no-any-return]

    @property
    def alive(self) -> bool:
        """Whether it can be called."""
        return self._process.poll() is None

    def _too_early(self, said: str) -> ProcessEndedError | ProcessKilledError:
        """The error of a call whose process no longer answers."""
        try:
            code = self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:  # it goes on all the same
            self._process.kill()
            code = self._process.wait()
        else:
            if -code in FROM_OUTSIDE and not self._ended_by_us:
                return ProcessKilledError(KILLED, code)
        return ProcessEndedError(f"{said}, with exit code {code}", code)

    def kill(self) -> None:
        """End the process, from any thread: a call that waits for it raises ProcessEndedError."""
        self._ended_by_us = True
        self._process.kill()

    def terminate(self) -> None:
        """Tell the process to end, from any thread; it may keep a checkpoint first (training/stopping.py)."""
        self._process.terminate()

    def close(self) -> None:
        """End the process."""
        self.kill()
        self._line.close()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Told:
    """What a task came to: its result, or what it raised, and what the machine lacked that caused that."""

    def __init__(self, result: Any = None, raised: Exception | None = None, cause: Exception | None = None) -> None:
        self.result, self.raised, self.cause = result, raised, cause


def serve(descriptor: int) -> None:
    """Compute tasks in this process, which has just been started, until its parent ends."""
    search_rarely_for_garbage()
    Thread(target=exit_with_parent, daemon=True).start()
    line = Connection(descriptor)
    with suppress(EOFError, ConnectionError):
        while True:
            try:
                code, task, arguments = pickle.loads(line.recv_bytes())  # from our parent: both are this program
                line.send(told(code, task, *arguments, line.send))
            except (pickle.PicklingError, AttributeError, TypeError) as error:  # what cannot be pickled raises either
                line.send(Told(raised=broken(error)))
            except MemoryError as error:  # as the task was unpacked, or its result packed
                line.send(Told(raised=lacking(error)))


def told(code: Sequence[tuple[Path, str, str]], task: Callable[..., Any], *arguments: Any) -> Told:
    """What a task comes to, with files of code (path, SHA-256 and what it is called) run before."""
    try:
        for file in code:
            load_unchanged(*file)
        return Told(task(*arguments))
    except (InputError, ContractError, KilledError, VerificationError) as error:
        return Told(raised=type(error)(str(error)), cause=lacking(error.__cause__))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - someone else's code may raise anything
        return Told(raised=lacking(error) or broken(error))


def lacking(error: BaseException | None) -> Exception | None:
    """An error that says what the machine lacked, memory or room on a disk, and can be pickled; None for any other.

    A file system that may only be read is no lack: who writes there should not.
    """
    if error is not None and out_of_memory(error):
        return MemoryError(first_line(error))
    if isinstance(error, OSError) and disk_is_full(error):
        return OSError(error.errno, error.strerror, error.filename)
    return None


def broken(error: BaseException) -> ContractError:
    """What someone else's code raised, as an error that says it in one line; its traceback is printed if debugging."""
    if os.environ.get(DEBUGGING):
        traceback.print_exception(error)
    return ContractError(said(error))


def said(error: BaseException) -> str:
    """What someone else's code raised, and where in it, in one line.

    >>> said(ZeroDivisionError("division by zero"))
    'its code raises ZeroDivisionError: division by zero'
    """
    where = f" in {place}" if (place := place_of(error)) else ""
    return f"its code raises {type(error).__name__}{where}: {first_line(error)}"


def load_unchanged(path: str | Path, digest: str, called: str | None = None) -> None:
    """Run a file of ``--code``, as ``load_code`` does. Raises InputError if this is not its SHA-256."""
    if load_code(Path(path), called) != digest:
        raise InputError(f"The code {path} has changed since it was run; repeat the command.")


def exit_with_parent() -> None:
    """Wait until the parent has closed its end of standard input, or has ended, then exit.

    The descriptor itself is read: a thread that waits in ``sys.stdin`` keeps an interpreter from ending.
    """
    while os.read(STANDARD_INPUT, 1):
        pass
    os._exit(1)
