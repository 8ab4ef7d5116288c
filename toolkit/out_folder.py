"""The folder of ``--out``: used by one process at a time, for one set of settings. Foreign files are never touched."""

import fcntl
import os
import tomllib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from toolkit.config import first_difference, without_none
from toolkit.errors import InputError, misfit
from toolkit.files import write_file

LOCK = "lock"
ANOTHER = "choose another folder with --out"


@dataclass(frozen=True)
class FolderKind:
    """A kind of folder: its name for people, the file that marks it as ours, and what to do if it cannot be used.

    The file has the requested settings.
    """

    name: str
    asked: str
    remedy: str = ANOTHER

    def is_in(self, folder: Path) -> bool:
        """Return whether a folder is of this kind."""
        return (folder / self.asked).is_file()


@contextmanager
def locked(folder: Path, *, replaceable: bool = False) -> Iterator[None]:
    """Hold the folder's lock, which the kernel releases if the process dies; a lock that is a link is not followed.

    The lock is in the folder, or beside it if the folder is ``replaceable`` as a whole.
    Raises InputError if another process holds it or it cannot be written.
    """
    lock = folder.with_name(f".{folder.name}.{LOCK}") if replaceable else folder / LOCK
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666), "w")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; {ANOTHER}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"Another process is using {folder}; wait for it, or {ANOTHER}.") from error
        yield


def refuse_foreign(folder: Path, kind: FolderKind) -> None:
    """Raise InputError if a folder contains something, but not the file that marks it as ours.

    The temporary file of a process that was killed while it wrote that file is ours, too.
    """
    if not folder.is_dir() or kind.is_in(folder):
        return
    names = sorted(path.name for path in folder.iterdir())
    if foreign := [name for name in names if name != LOCK and not name.startswith(f".{kind.asked}.")]:
        raise InputError(f"{folder} is not a {kind.name}, but contains {foreign[0]}; choose an empty one with --out.")


def asked_before(folder: Path, kind: FolderKind) -> dict[str, Any]:
    """Return the settings of a folder that is ours. Raises InputError if they are damaged."""
    file = folder / kind.asked
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except ValueError as error:  # not TOML, or not UTF-8
        raise misfit(file, error, kind.remedy) from error


def as_written(asked: dict[str, Any]) -> dict[str, Any]:
    """Return settings as they are read from their file."""
    return tomllib.loads(tomli_w.dumps(without_none(asked)))


def mark(folder: Path, asked: dict[str, Any], kind: FolderKind) -> None:
    """Make the folder ours, for these settings."""
    write_file(folder / kind.asked, tomli_w.dumps(without_none(asked)))


def take(folder: Path, asked: dict[str, Any], kind: FolderKind, given: Collection[str] = ()) -> None:
    """Make a new folder ours, inside its lock, or check that ours has the same settings.

    Raises InputError if it holds something else or other settings. The error names a setting that differs, one of those
    ``given`` by their dotted keys if possible.
    """
    refuse_foreign(folder, kind)
    if not kind.is_in(folder):
        mark(folder, asked, kind)
    elif differs := first_difference(asked_before(folder, kind), as_written(asked), given):
        raise InputError(f"{folder} holds another {kind.name}: {differs}; {kind.remedy}.")
