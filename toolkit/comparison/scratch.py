"""The folder of a worker that does not see the comparison's: what tasks need comes, what they make goes, in pieces.

The command has the truth: a task begins with what the command's folder has, whatever the worker had before, and nothing
stays here after it. The worker only says what it wants or offers. The command then asks for each piece, or sends it, by
a call to this worker (``Client.run``) that passes through the scheduler, which keeps none of them. So there is one
piece on its way at a time, and a command that is behind gets the newest checkpoint instead of all of them.
"""

import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import Any

from distributed import Reschedule

from toolkit.comparison.execution import Folders
from toolkit.comparison.pieces import OfferedFile, OfferedFolder, Open, Wanted, add_piece, files_in, piece
from toolkit.errors import InputError
from toolkit.runs.folder import CHECKPOINT, STATE

POLL_SECONDS = 0.1


@dataclass
class Ticket:
    """Something on its way to a folder of this worker, or, with the files it is read from, to the command."""

    folder: Path
    files: Open
    over: Event = field(default_factory=Event)
    failed: OSError | None = None


TICKETS: dict[str, Ticket] = {}  # of this worker, by the names that the command knows


def receive(ticket: str, name: str, number: int, content: bytes) -> None:
    """Take a piece of a file. Raises OSError, to the task that waits for it too, if it cannot be written."""
    waiting = TICKETS[ticket]
    try:
        add_piece(waiting.folder / name, number, content)
    except OSError as error:
        waiting.failed = error
        waiting.over.set()
        raise


def give(ticket: str, name: str, number: int) -> bytes:
    """A piece of a file that was offered."""
    return piece(TICKETS[ticket].files.files[name], number)


def release(ticket: str) -> None:
    """All has come, or has been taken."""
    TICKETS[ticket].over.set()


class InPlace:
    """The comparison's own folder, which the worker sees: nothing is carried."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def bring(self) -> None:
        """Do nothing."""

    def keep(self) -> None:
        """Do nothing."""

    def send(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Scratch:
    """A folder of this worker's for one task, which reads and writes some folders in it.

    ``tell`` tells the command what is wanted or offered. ``ended`` says whether the task is no longer wanted, or its
    worker is about to end: waiting for the command then raises Reschedule.
    """

    def __init__(
        self, out: Path, worker: str, folders: Folders, tell: Callable[[Any], None], ended: Callable[[], bool]
    ) -> None:
        self.out, self._worker, self._folders, self._tell, self._ended = out, worker, folders, tell, ended
        self._tickets: list[str] = []
        self._lock, self._complete = Lock(), False
        self._kept: dict[str, tuple[str, tuple[int, int]]] = {}  # by run, the ticket of the last checkpoint offered

    def bring(self) -> None:
        """Have the task's folders brought. Raises InputError if they cannot be written."""
        self._clear()
        name, ticket = self._ticket(Open(self.out, ()))
        self._tell(Wanted(self._worker, name, self._folders.all))
        self._wait(ticket)

    def keep(self) -> None:
        """Offer each run's checkpoint, while it is trained; from any thread."""
        with self._lock:
            for run in () if self._complete else self._folders.written:
                with suppress(OSError):  # there is none yet, or no more, or it cannot be read: perhaps the next can
                    self._keep(run)

    def _keep(self, run: str) -> None:
        """Offer a checkpoint if it is newer than the last one offered, and that one has been taken."""
        file = self.out / run / CHECKPOINT / STATE
        status = file.stat()
        stamp = (status.st_ino, status.st_mtime_ns)
        before = self._kept.get(run)
        if before is None or (TICKETS[before[0]].over.is_set() and before[1] != stamp):
            files = Open(file.parent, [STATE])
            if before is not None:
                self._drop(before[0])
            name, _ = self._ticket(files)
            self._kept[run] = (name, stamp)
            self._tell(OfferedFile(self._worker, name, f"{run}/{CHECKPOINT}", STATE, files.sizes[STATE]))

    def send(self) -> None:
        """Have the folders taken that the task has written; after them, no checkpoint is offered any more."""
        with self._lock:
            self._complete = True
        for folder in self._folders.written:
            files = Open(self.out / folder, files_in(self.out / folder))
            name, ticket = self._ticket(files)
            self._tell(OfferedFolder(self._worker, name, folder, files.sizes))
            self._wait(ticket)

    def close(self) -> None:
        """Remove everything."""
        for name in [*self._tickets]:
            self._drop(name)
        self._clear()

    def _drop(self, name: str) -> None:
        """Close the files of a ticket that nobody asks for any more; one that was replaced leaves the disk."""
        self._tickets.remove(name)
        TICKETS.pop(name).files.close()

    def _clear(self) -> None:
        """Remove the task's folders."""
        for folder in self._folders.all:
            shutil.rmtree(self.out / folder, ignore_errors=True)

    def _ticket(self, files: Open) -> tuple[str, Ticket]:
        """A new ticket and its name."""
        name = secrets.token_hex(8)
        TICKETS[name] = ticket = Ticket(self.out, files)
        self._tickets.append(name)
        return name, ticket

    def _wait(self, ticket: Ticket) -> None:
        """Wait until all has come, or has been taken."""
        while not ticket.over.wait(POLL_SECONDS):
            if self._ended():
                raise Reschedule
        if ticket.failed:
            raise InputError(
                f"The worker {self._worker} cannot write what a cell needs: {ticket.failed.strerror}; give it another "
                f"folder of its own with dask worker --local-directory, and repeat the command."
            )


Place = InPlace | Scratch
