"""Files that are complete or absent, also after a power cut: content is on the disk before its name."""

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROCESS = secrets.token_hex(4)  # names this process on a disk that several machines share
NEW, OLD = "new", "old"
MOST_BYTES = 255 - len(f"..{PROCESS}.{NEW}")  # of a name, so that ``beside`` can lengthen it


def write_file(path: Path, content: str | bytes | Iterable[bytes]) -> None:
    """Write text (as UTF-8), bytes or pieces of bytes under a temporary name, then rename the file.

    So it is never half-written. A link is replaced by the file, not followed.

    Raises:
        OSError: The file cannot be written. A previous file is kept, unless the disk failed after the renaming.
    """
    content = content.encode("utf-8") if isinstance(content, str) else content
    temporary = beside(path, NEW)
    temporary.unlink(missing_ok=True)  # a link would be followed
    try:
        with naming(path):
            with temporary.open("xb") as file:
                file.writelines([content] if isinstance(content, bytes) else content)
            rename_synced(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def beside(path: Path, kind: str) -> Path:
    """Return this process's name for the new or the old version of a file or folder."""
    return path.with_name(f".{path.name}.{PROCESS}.{kind}")


def too_long(name: str) -> bool:
    """Return whether a name is too long for a file that is written beside another of its name."""
    return len(os.fsencode(name)) > MOST_BYTES


def left_beside(path: Path, *kinds: str) -> list[Path]:
    """Return the versions of a file or folder that processes have left beside it."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.({'|'.join(kinds)})")
    return [other for other in path.parent.iterdir() if name.fullmatch(other.name)] if path.parent.is_dir() else []


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the file's name into an OSError that has none, as on a full disk, or that has its temporary name."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename).name.startswith(f".{path.name}."):
            error.filename = str(path)
        raise


def rename_synced(temporary: Path, path: Path) -> None:
    """Write a file, or a folder with its content, to the disk, then rename it.

    A file system may write the new name before the content, so a power cut would leave an empty file.
    """
    sync_all(temporary)
    rename_for_good(temporary, path)


def rename_for_good(temporary: Path, path: Path) -> None:
    """Rename a file or folder whose content is on the disk, and write the new name to the disk."""
    temporary.replace(path)
    _sync(path.parent)


def sync_all(path: Path) -> None:
    """Wait until a file, or a folder with its content, is on the disk."""
    for inside in path.rglob("*"):
        _sync(inside)
    _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
