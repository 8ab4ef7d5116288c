"""The folder that caches what can be recomputed."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.errors import InputError
from toolkit.files import write_file

KINDS = ("tags", "texts", "ids", "operations")  # our folders in it: ``TOOLKIT_CACHE`` may name any folder


def cache_root() -> Path:
    """Return ``$TOOLKIT_CACHE``, else ``word-char-toolkit`` in the user's cache folder."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "word-char-toolkit")
    return Path(os.environ.get("TOOLKIT_CACHE") or usual.expanduser())


def entry(kind: str, name: str) -> Path:
    """Return the file of an entry, whether or not it exists."""
    return cache_root() / kind / name


def write_entry(file: Path, content: str | bytes) -> None:
    """Write an entry atomically. Raises InputError if the cache is not writable."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, content)
    except OSError as error:
        raise unwritable(error) from error


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Wait until no other process holds a lock in the cache; on a disk without locks, do not wait."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def unwritable(error: OSError) -> InputError:
    """Return the error for a cache that cannot be written."""
    return InputError(
        f"The cache {cache_root()} cannot be written: {error.strerror}; set TOOLKIT_CACHE to another folder."
    )


def check() -> None:
    """Raise InputError before hours of training, not after them, if the cache is not writable."""
    probe = entry("tags", f".{os.getpid()}")
    write_entry(probe, "")
    probe.unlink(missing_ok=True)


def entries() -> dict[Path, os.stat_result]:
    """Return the files of all entries, with their sizes and times."""
    paths = [path for kind in KINDS for path in (cache_root() / kind).rglob("*")]
    return {path: path.stat() for path in paths if path.is_file()}


def limit(most_bytes: int) -> int:
    """Remove the oldest entries until all take at most ``most_bytes``. Return how many were removed."""
    stats = entries()
    size, removed = sum(stat.st_size for stat in stats.values()), 0
    for path in sorted(stats, key=lambda path: (stats[path].st_mtime, path)):
        if size <= most_bytes:
            break
        path.unlink(missing_ok=True)
        size, removed = size - stats[path].st_size, removed + 1
    return removed


def clear() -> None:
    """Remove all entries."""
    for folder in (cache_root() / kind for kind in KINDS):
        if folder.exists():
            shutil.rmtree(folder)
