"""Files that are complete or absent, also after a power cut: what is renamed is on the disk before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name and rename it, so that it is never half-written.

    Text is written as UTF-8. A link is replaced by the file, not followed. Raises OSError if the file cannot be
    written; a previous file is then kept, unless the disk failed after the renaming.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)  # a link would be followed
    try:
        with naming(path):
            temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
            rename_synced(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name the file or folder in an OSError that names none, or what it is written as until it is complete.

    A full disk is noticed where only a number is left.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename).name.startswith(f".{path.name}."):
            error.filename = str(path)
        raise


def rename_synced(temporary: Path, path: Path) -> None:
    """Rename a file, or a folder with all that is in it, once it is on the disk; then the new name is there, too.

    Without this, a file system may have the new name before the content: after a power cut the file is empty.
    """
    for inside in temporary.rglob("*"):
        synced(inside)
    synced(temporary)
    temporary.replace(path)
    synced(path.parent)


def synced(path: Path) -> None:
    """Wait until a file, or the list of names in a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
