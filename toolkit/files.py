"""Files that are complete or absent, also after a power cut: what is renamed is on the disk before."""

import difflib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from toolkit.errors import InputError, nearest

OWN = secrets.token_hex(4)  # this process's, among those of all machines that share a disk
NEW, OLD = "new", "old"
MOST_BYTES = 255 - len(f"..{OWN}.{NEW}")  # of a name: a file system also has to take what ``beside`` makes of it
MOST_BESIDE = 12  # folders that are named beside one that is not there


def no_folder(folder: Path) -> InputError:
    """The error for a folder that is not there: the first of its path that is missing, and the ones beside it."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()][-1]
    there = sorted(path.name for path in missing.parent.glob("[!.]*") if path.is_dir())
    beside_it = difflib.get_close_matches(missing.name, there, MOST_BESIDE, cutoff=0)
    return InputError(
        f"There is no folder {missing}; "
        f"{nearest(missing.name, beside_it, 'beside it are') if beside_it else 'give one that exists'}."
    )


def unreadable(path: Path, error: OSError) -> InputError:
    """The error for a file that cannot be read; a folder may be a run that was given in a file's place."""
    if path.is_dir():
        return InputError(f"{path} is a folder, not a file; where a command takes a run and files, give the run first.")
    return InputError(f"{path} cannot be read: {error.strerror}; give a readable file.")


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name and rename it, so that it is never half-written.

    Text is written as UTF-8. A link is replaced by the file, not followed. Raises OSError if the file cannot be
    written; a previous file is then kept, unless the disk failed after the renaming.
    """
    write_pieces(path, [content.encode("utf-8") if isinstance(content, str) else content])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file as ``write_file`` does, of pieces that come one by one; raises what they raise, too."""
    temporary = beside(path, NEW)
    temporary.unlink(missing_ok=True)  # a link would be followed
    try:
        with naming(path):
            with temporary.open("xb") as file:
                file.writelines(pieces)
            rename_synced(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def beside(path: Path, kind: str) -> Path:
    """The name that this process, and no other, has for the new or the old version of a file or a folder."""
    return path.with_name(f".{path.name}.{OWN}.{kind}")


def too_long(name: str) -> bool:
    """Whether a name is too long for a file or a folder that is written beside another of its name."""
    return len(os.fsencode(name)) > MOST_BYTES


def left_beside(path: Path, *kinds: str) -> list[Path]:
    """The versions of a file or a folder that processes have left beside it."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.({'|'.join(kinds)})")
    return [other for other in path.parent.iterdir() if name.fullmatch(other.name)] if path.parent.is_dir() else []


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
    sync_all(temporary)
    rename_for_good(temporary, path)


def rename_for_good(temporary: Path, path: Path) -> None:
    """Rename a file or folder that is on the disk, with all that is in it; then the new name is there, too."""
    temporary.replace(path)
    synced(path.parent)


def sync_all(path: Path) -> None:
    """Wait until a file, or a folder with all that is in it, is on the disk."""
    for inside in path.rglob("*"):
        synced(inside)
    synced(path)


def synced(path: Path) -> None:
    """Wait until a file, or the list of names in a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
