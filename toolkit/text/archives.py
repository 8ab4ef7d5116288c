"""Archives, unpacked into a folder of their own and nowhere else; what is not a plain file is refused."""

import gzip
import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from toolkit.errors import InputError, first_line
from toolkit.results.numbers import byte_count

MOST_FILES = 10_000
MOST_BYTES = 2**30  # of all files together, unpacked
CHUNK = 2**20
# a name that begins with a drive or a root, or has a step up, on any system
OUTSIDE = re.compile(r"[A-Za-z]:|[\\/]|(?:.*[\\/])?\.\.(?:[\\/]|$)", re.DOTALL)
NOT_EVERYWHERE = {":": "colon", "\\": "backslash", "\0": "NUL"}  # characters of names that not every system allows

Member = tuple[str, IO[bytes]]  # the name of a file in an archive, and what reads it


class Limited(io.RawIOBase):
    """What reads another stream to at most so many bytes: a header may be as long as a bomb, too."""

    def __init__(self, stream: BinaryIO, left: int, source: str) -> None:
        self.stream, self.left, self.source = stream, left, source

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises InputError after too many."""
        chunk = self.stream.read(self.left + 1 if size < 0 else min(size, self.left + 1))
        self.left -= len(chunk)
        if self.left < 0:
            raise too_much(self.source)
        return chunk


def zip_members(path: Path) -> Iterator[Member]:
    """The files in a .zip archive. Raises InputError for too many names."""
    with zipfile.ZipFile(path) as archive:
        if len(archive.infolist()) > MOST_FILES:
            raise too_much(path.name)
        for info in archive.infolist():
            if not info.is_dir():
                with archive.open(info) as stream:
                    yield info.filename, stream


def tar_members(path: Path) -> Iterator[Member]:
    """The files in a .tar.gz archive. Raises InputError for links and devices, and for too many names."""
    with gzip.open(path) as stream:
        limited = Limited(cast(BinaryIO, stream), MOST_BYTES + MOST_FILES * 2 * tarfile.BLOCKSIZE, path.name)
        with tarfile.open(fileobj=limited, mode="r|") as archive:
            for number, info in enumerate(archive, 1):
                if number > MOST_FILES:
                    raise too_much(path.name)
                if info.isdir():
                    continue
                inside = archive.extractfile(info) if info.isreg() else None
                if inside is None:
                    raise InputError(f"{path.name} has {info.name!a}, which is a link or a device; unpack it by hand.")
                yield info.name, inside


MEMBERS: Mapping[str, Callable[[Path], Iterator[Member]]] = {
    ".zip": zip_members,
    ".tar.gz": tar_members,
    ".tgz": tar_members,
}


def archive_ending(name: str) -> str | None:
    """What an archive's name ends with; None for another file.

    >>> archive_ending("tales.tar.gz"), archive_ending("tale.txt.gz")
    ('.tar.gz', None)
    """
    return next((end for end in MEMBERS if name.lower().endswith(end)), None)


def unpack(path: Path, folder: Path) -> None:
    """Write the files of an archive into a new folder.

    Raises InputError if it is no archive, if a file would lie outside of the folder or is none, or if there are more
    than ``MOST_FILES`` or ``MOST_BYTES``.
    """
    folder.mkdir()
    left = MOST_BYTES
    try:
        for name, stream in MEMBERS[archive_ending(path.name) or ""](path):
            target = folder / inner(name, path.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= write_limited(stream, target, left, path.name)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name} cannot be unpacked: {first_line(error)}; the archive is damaged.") from error


def write_limited(stream: IO[bytes], target: Path, most: int, source: str) -> int:
    """How many bytes were written from the stream into a new file. Raises InputError if there are more than allowed."""
    written = 0
    with target.open("xb") as out:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > most:
                raise too_much(source)
            out.write(chunk)
    return written


def inner(name: str, source: str) -> PurePosixPath:
    """The path of a file within an archive. Raises InputError if it leads out of it, or is no path on every system.

    >>> inner("tales/a.txt", "tales.zip").parts
    ('tales', 'a.txt')
    """
    path = PurePosixPath(name)
    if OUTSIDE.match(name) or not path.parts:
        raise InputError(f"{source} has a file {name!a}, which would lie outside of its folder; do not trust it.")
    if found := [called for character, called in NOT_EVERYWHERE.items() if character in name]:
        raise InputError(
            f"{source} has a file {name!a}, and not every system allows a name with a {found[0]}; unpack it by hand, "
            f"rename the file, and give the folder."
        )
    return path


def too_much(source: str) -> InputError:
    """The error for an archive that is too large."""
    return InputError(
        f"{source} holds more than {MOST_FILES:,} files or {byte_count(MOST_BYTES)}, the most that is unpacked."
    )
