"""Files in pieces, in which they pass through a scheduler where there is no shared folder."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PIECE_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Wanted:
    """Folders that a worker's task needs, by their names in the comparison's folder."""

    worker: str  # its address
    ticket: str  # by which the worker knows what it waits for
    folders: tuple[str, ...]


@dataclass(frozen=True)
class OfferedFile:
    """A file that a worker has for a folder of the comparison's."""

    worker: str
    ticket: str
    folder: str
    name: str
    size: int  # bytes


@dataclass(frozen=True)
class OfferedFolder:
    """A complete folder that a worker has for the comparison's folder, by its name there."""

    worker: str
    ticket: str
    folder: str
    sizes: dict[str, int]  # bytes, of all files by their names in it


def pieces_of(size: int) -> range:
    """The numbers of the pieces of so many bytes; nothing is a piece, too.

    >>> len(pieces_of(0)), len(pieces_of(PIECE_BYTES)), len(pieces_of(PIECE_BYTES + 1))
    (1, 1, 2)
    """
    return range(max(1, -(-size // PIECE_BYTES)))


def piece(file: BinaryIO, number: int) -> bytes:
    """A piece of an open file."""
    return os.pread(file.fileno(), PIECE_BYTES, number * PIECE_BYTES)


def add_piece(path: Path, number: int, content: bytes) -> None:
    """Write a piece of a file where it belongs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if number else "wb") as file:
        file.seek(number * PIECE_BYTES)
        file.write(content)


def files_in(folder: Path) -> Iterable[str]:
    """The names of the files in a folder and its folders; none if there is no such folder.

    Those that begin with a dot are being written, or a dead process has left them.
    """
    names = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts)]


class Open:
    """Files that are open, so that they can be read to their end although others have replaced them meanwhile."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self.files: dict[str, BinaryIO] = {}
        try:
            for name in names:
                self.files[name] = (folder / name).open("rb")
        except OSError:
            self.close()
            raise

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes, by name."""
        return {name: os.fstat(file.fileno()).st_size for name, file in self.files.items()}

    def close(self) -> None:
        """Close them."""
        for file in self.files.values():
            with suppress(OSError):
                file.close()
