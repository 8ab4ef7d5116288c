"""Files that are complete or absent, also after a power cut, folders that one process uses, and the cache."""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from toolkit.errors import FULL, InputError

PROCESS = secrets.token_hex(4)  # names this process on a disk that several machines share
NEW, OLD = "new", "old"
LOCK = "lock"
ANOTHER = "choose another folder with --out"
# Our folders in the cache: ``TOOLKIT_CACHE`` may be any folder.
CACHED_KINDS = ("tags", "operations")


def write_file(path: Path, content: str | bytes) -> None:
    """Write text (as UTF-8) or bytes under a temporary name, then rename the file.

    So it is never half-written. A link is replaced by the file, not followed.

    Raises:
        OSError: The file cannot be written. A previous file is kept, unless the disk failed after the renaming.
    """
    temporary, data = beside(path, NEW), _encoded(content)
    try:
        with naming_full_disk(path, len(data)), temporary.open("xb") as file:
            file.write(data)
        rename_synced(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_part(path: Path, content: str | bytes) -> None:
    """Write text (as UTF-8) or bytes in a folder that ``write_whole`` renames when complete."""
    data = _encoded(content)
    with naming_full_disk(path, len(data)):
        path.write_bytes(data)


def _encoded(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


@contextmanager
def naming_full_disk(path: Path, size: int) -> Iterator[None]:
    """Raise the error of a full disk again, with the name and the size in bytes of a file."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        reason = f"{error.strerror}; it needs {size:,} bytes"
        raise OSError(error.errno, reason, str(path)) from error


def write_whole(folder: Path, write: Callable[[Path], None]) -> None:
    """Write a folder under a temporary name and rename it when complete, so ``folder`` is never half-written.

    The previous folder is moved aside first. ``recover`` puts it back if the process ends in between.
    """
    temporary, previous = beside(folder, NEW), beside(folder, OLD)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        write(temporary)
        if folder.exists():
            folder.rename(previous)
        rename_synced(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(previous, ignore_errors=True)


def beside(path: Path, kind: str) -> Path:
    """Return this process's name for the new or the old version of a file or folder."""
    return path.with_name(f".{path.name}.{PROCESS}.{kind}")


def left_beside(path: Path, *kinds: str) -> list[Path]:
    """Return the versions of a file or folder that processes have left beside it."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.({'|'.join(kinds)})")
    return (
        [other for other in path.parent.iterdir() if name.fullmatch(other.name)] if path.parent.is_dir() else []
    )


def rename_synced(temporary: Path, path: Path) -> None:
    """Write a file, or a folder with its content, to the disk, then rename it, and write the new name to the disk.

    A file system may write the new name before the content, so a power cut would leave an empty file.
    """
    for inside in (*temporary.rglob("*"), temporary):
        _sync(inside)
    temporary.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with naming_full_disk(path, os.fstat(descriptor).st_size):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, *, replaceable: bool = False, wait: bool = False) -> Iterator[None]:
    """Hold the lock of a folder or an entry of the cache. The kernel releases it if the process dies.

    The lock is in the folder, or beside the path if that is ``replaceable`` as a whole. If another process holds it,
    ``wait``, but not on a disk without locks, or raise InputError.
    """
    lock = path.with_name(f".{path.name}.{LOCK}") if replaceable else path / LOCK
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"Another process is using {path}; wait for it, or {ANOTHER}.") from error
        except OSError:
            if not wait:
                raise
        yield


def is_locked(folder: Path) -> bool:
    """Return whether a process holds the lock in a folder. On a disk without locks, nobody does."""
    if not (folder / LOCK).is_file():
        return False
    with (folder / LOCK).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            pass
    return False


def refuse_foreign(folder: Path, marker: str) -> None:
    """Raise InputError if a folder contains something, but not the file ``marker``, which makes it ours.

    The temporary file of a process that was killed while it wrote that file is ours, too.
    """
    if folder.is_dir() and not (folder / marker).is_file():
        for name in sorted(path.name for path in folder.iterdir()):
            if name != LOCK and not name.startswith(f".{marker}."):
                raise InputError(f"{folder} contains {name}, but no {marker}. Choose an empty folder with --out.")


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
        raise InputError(
            f"The cache {cache_root()} cannot be written: {error.strerror}; set TOOLKIT_CACHE to another folder."
        ) from error


def check_cache() -> None:
    """Raise InputError before hours of training, not after them, if the cache is not writable."""
    probe = entry("tags", f".{os.getpid()}")
    write_entry(probe, "")
    probe.unlink(missing_ok=True)


def cache_entries() -> dict[Path, os.stat_result]:
    """Return the files of all entries, with their sizes and times."""
    paths = [path for kind in CACHED_KINDS for path in (cache_root() / kind).rglob("*")]
    return {path: path.stat() for path in paths if path.is_file()}


def limit_cache(most_bytes: int) -> int:
    """Remove the oldest entries until all take at most ``most_bytes``. Return how many were removed."""
    stats = cache_entries()
    size, removed = sum(stat.st_size for stat in stats.values()), 0
    for path in sorted(stats, key=lambda path: (stats[path].st_mtime, path)):
        if size <= most_bytes:
            break
        path.unlink(missing_ok=True)
        size, removed = size - stats[path].st_size, removed + 1
    return removed
