"""A function called in a process of its own, which has nothing but its arguments and the files of ``--code``.

Unlike multiprocessing's, the process does not import the caller's script: it can hold nothing that the script holds.
It ends with its parent. What it prints goes to standard error.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from toolkit.errors import ContractError, InputError, first_line
from toolkit.plugins import load_code

R = TypeVar("R")

Report = Callable[[int], None]
STANDARD_ERROR = 2


def unreported(done: int) -> None:
    """Tell nobody."""


def apart(
    task: Callable[..., R],
    *arguments: Any,
    code: Mapping[str, str],
    folder: Path | None = None,
    report: Report = unreported,
) -> R:
    """The result of a task, which is called with the arguments and a function that reports how much is done.

    Task and arguments are pickled. ``code`` are Python files with their SHA-256, which are run first; ``folder`` is
    the process's working folder. Raises what the task raises if it is an InputError or a ContractError, and
    ContractError, with the first line, for anything else, and if the process ends before its task.
    """
    here, there = Pipe()
    path = [entry or os.getcwd() for entry in sys.path]
    start = f"import sys; sys.path[:] = {path!r}; from toolkit.runs.process import serve; serve({there.fileno()})"
    with (
        here,
        subprocess.Popen(
            [sys.executable, "-c", start],
            cwd=folder,
            stdout=STANDARD_ERROR,
            pass_fds=[there.fileno()],
            process_group=0,  # Ctrl-C, which a terminal sends to a whole group, is for the parent
        ) as process,
    ):
        there.close()
        try:
            absolute = {str(Path(name).resolve()): digest for name, digest in code.items()}
            here.send_bytes(pickle.dumps((absolute, task, arguments)))
            while not isinstance(told := here.recv(), Told):
                report(told)
        except (EOFError, ConnectionError) as error:
            raise ContractError(f"its process ended with exit code {process.wait()} before it was done") from error
        finally:
            process.terminate()
    if told.raised:
        raise told.raised
    return told.result  # type: ignore[no-any-return]


class Told:
    """What a task came to: its result, or what it raised."""

    def __init__(self, result: Any = None, raised: Exception | None = None) -> None:
        self.result, self.raised = result, raised


def serve(descriptor: int) -> None:
    """Compute one task in this process, which has just been started."""
    line = Connection(descriptor)
    code, task, arguments = pickle.loads(line.recv_bytes())  # from our parent: both are this program
    Thread(target=exit_with, args=(line,), daemon=True).start()
    try:
        for path, digest in code.items():
            load_unchanged(path, digest)
        told = Told(task(*arguments, line.send))
    except (InputError, ContractError) as error:
        told = Told(raised=type(error)(str(error)))
    except Exception as error:  # noqa: BLE001 - someone else's code may raise anything
        told = Told(raised=ContractError(said(error)))
    line.send(told)
    line.poll(None)  # until the parent has read it


def said(error: Exception) -> str:
    """What someone else's code raised, in one line.

    >>> said(ZeroDivisionError("division by zero"))
    'its code raises ZeroDivisionError: division by zero'
    """
    return f"its code raises {type(error).__name__}: {first_line(error)}"


def load_unchanged(path: str, digest: str) -> None:
    """Run a file of ``--code``. Raises InputError if it has changed since it had this SHA-256."""
    if load_code(Path(path)) != digest:
        raise InputError(f"The code {path} has changed since it was run; repeat the command.")


def exit_with(line: Connection) -> None:
    """Wait until the other end of the pipe is closed, then exit."""
    line.poll(None)
    os._exit(1)
