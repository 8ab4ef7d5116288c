"""The folder that caches what can be recomputed."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.errors import InputError
from toolkit.files import write_file

KINDS = ("tags", "texts", "ids", "operations")  # the folders in it that belong to us


def cache_root() -> Path:
    """``$TOOLKIT_CACHE``, else ``word-char-toolkit`` in the user's cache folder.

    Raises InputError if the user has none.
    """
    if named := os.environ.get("TOOLKIT_CACHE"):
        return Path(named)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "word-char-toolkit"
    except RuntimeError as error:  # neither HOME nor an entry for the user
        raise InputError("This user has no home folder for the cache; set TOOLKIT_CACHE to a folder.") from error


def entry(kind: str, name: str) -> Path:
    """The file of an entry, whether or not it exists."""
    return cache_root() / kind / name


def write_entry(file: Path, content: str | bytes) -> None:
    """Write an entry atomically: to a temporary file, then renamed. Raises InputError if the cache is not writable."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, content)
    except OSError as error:
        raise unwritable(error) from error


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Wait until no other process holds this lock in the cache; where files cannot be locked, several may go on."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def unwritable(error: OSError) -> InputError:
    """The error for a cache that cannot be written."""
    return InputError(
        f"The cache {cache_root()} cannot be written: {error.strerror}; set TOOLKIT_CACHE to another folder."
    )


def check() -> None:
    """Raise InputError now, and not after hours of training, if the cache is not writable."""
    probe = entry("tags", f".{os.getpid()}")
    write_entry(probe, "")
    probe.unlink(missing_ok=True)


def entries() -> dict[Path, os.stat_result]:
    """The files of all entries, with their sizes and times."""
    found = {}
    for kind in KINDS:
        for folder, _, names in os.walk(cache_root() / kind):  # passes over folders that another process has removed
            for path in (Path(folder, name) for name in names):
                with suppress(FileNotFoundError):
                    found[path] = path.stat()
    return found


def limit(most: int) -> int:
    """Remove the entries that were written longest ago until all take at most ``most`` bytes; how many those were."""
    sizes = entries()
    left, removed = sum(stat.st_size for stat in sizes.values()), 0
    for path in sorted(sizes, key=lambda path: (sizes[path].st_mtime, path)):
        if left <= most:
            break
        path.unlink(missing_ok=True)
        left, removed = left - sizes[path].st_size, removed + 1
    return removed


def clear() -> None:
    """Remove all entries. Other files in the folder stay: ``TOOLKIT_CACHE`` may name any folder.

    Raises InputError if one cannot be removed.
    """
    for folder in (cache_root() / kind for kind in KINDS):
        shutil.rmtree(folder, ignore_errors=True)
    if left := next(iter(entries()), None):
        raise InputError(f"{left} cannot be removed from the cache; ask someone who may write there to remove it.")
