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
from toolkit.files import unreadable, write_file

LOCK = "lock"
ANOTHER = "choose another folder with --out"


@dataclass(frozen=True)
class FolderKind:
    """What such a folder holds, and what a user can do if it cannot be used."""

    name: str  # for people
    asked: str  # the file with the requested settings: a folder that has it is ours
    if_damaged: str = ANOTHER  # what to do if that file cannot be read
    if_other: str = ANOTHER  # what to do if the folder has other settings

    def is_in(self, folder: Path) -> bool:
        """Whether a folder is one of these."""
        return (folder / self.asked).is_file()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, in the folder. Raises InputError as ``held`` does."""
    with held(folder / LOCK, folder):
        yield


@contextmanager
def locked_beside(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that may be replaced as a whole, beside it. Raises InputError as ``held`` does."""
    with held(folder.with_name(f".{folder.name}.{LOCK}"), folder):
        yield


@contextmanager
def held(lock: Path, folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which the kernel releases if the process dies; a lock that is a link is not followed.

    Raises InputError if another process holds it or it cannot be written.
    """
    if folder.is_file():
        raise InputError(f"{folder} cannot be written: it is a file; choose another folder with --out.")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666), "w")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}; choose another folder with --out.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"Another process is using {folder}; wait for it, or choose another folder with --out."
            ) from error
        except OSError as error:
            raise InputError(
                f"{folder} cannot be locked: {error.strerror}; choose a folder on another disk with --out."
            ) from error
        yield


def refuse_foreign(folder: Path, kind: FolderKind) -> None:
    """Raises InputError if a folder contains something, but not the file that marks it as ours.

    What a process that was killed while writing that file leaves behind is ours, too.
    """
    if not folder.is_dir() or kind.is_in(folder):
        return
    names = sorted(path.name for path in folder.iterdir())
    if others := [name for name in names if name != LOCK and not name.startswith(f".{kind.asked}.")]:
        raise InputError(f"{folder} is not a {kind.name}, but contains {others[0]}; choose an empty folder with --out.")


def asked_before(folder: Path, kind: FolderKind) -> dict[str, Any]:
    """The settings of a folder that is ours. Raises InputError if they cannot be read."""
    file = folder / kind.asked
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise unreadable(file, error) from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or nested too deep
        raise misfit(file, error, kind.if_damaged) from error


def refuse_others(folder: Path, asked: dict[str, Any], kind: FolderKind, given: Collection[str] = ()) -> None:
    """Raises InputError if the folder has other settings, naming the first that differs, or they cannot be read.

    Those that were ``given``, by their dotted keys, are named before others.
    """
    before = asked_before(folder, kind)
    if differs := first_difference(before, as_written(asked), given):
        raise InputError(f"{folder} holds another {kind.name}: {differs}; {kind.if_other}.")


def as_written(asked: dict[str, Any]) -> dict[str, Any]:
    """Settings as they come back from their file."""
    return tomllib.loads(tomli_w.dumps(without_none(asked)))


def mark(folder: Path, asked: dict[str, Any], kind: FolderKind) -> None:
    """Make the folder ours, for these settings."""
    write_file(folder / kind.asked, tomli_w.dumps(without_none(asked)))


def take(folder: Path, asked: dict[str, Any], kind: FolderKind, given: Collection[str] = ()) -> None:
    """Make the folder ours, inside its lock: new, or with the same settings.

    Raises InputError if it has other settings, as ``refuse_others`` does, or holds something else.
    """
    refuse_foreign(folder, kind)
    if kind.is_in(folder):
        refuse_others(folder, asked, kind, given)
    else:
        mark(folder, asked, kind)
