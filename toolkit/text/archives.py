"""Unpack archives with the standard library, which writes nothing outside the folder."""

import gzip
import tarfile
import zipfile
import zlib
from pathlib import Path

from toolkit.errors import InputError, first_line
from toolkit.results.text import byte_count

ENDINGS = (".zip", ".tar.gz", ".tgz")
MAX_BYTES = 2**30  # of all files together, unpacked
DAMAGES = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError, ValueError)


def archive_ending(name: str) -> str | None:
    """Return the ending of an archive's name, or None for another file.

    >>> archive_ending("tales.tar.gz"), archive_ending("tale.txt.gz")
    ('.tar.gz', None)
    """
    return next((end for end in ENDINGS if name.lower().endswith(end)), None)


def unpack(path: Path, folder: Path) -> None:
    """Write the files of an archive into a new folder.

    Raises:
        InputError: it is damaged, has a link out of the folder or a device, or more than ``MAX_BYTES``.
        OSError: the folder cannot be written.
    """
    folder.mkdir()
    try:
        if archive_ending(path.name) == ".zip":
            with zipfile.ZipFile(path) as archive:
                check_size(sum(member.file_size for member in archive.infolist()), path.name)
                archive.extractall(folder)
        else:
            with tarfile.open(path) as archive:
                check_size(sum(member.size for member in archive), path.name)
                archive.extractall(folder, filter="data")
    except DAMAGES as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name} cannot be unpacked: {first_line(error)}; get another copy.") from error


def check_size(size: int, name: str) -> None:
    """Raise InputError if an archive holds more than ``MAX_BYTES``."""
    if size > MAX_BYTES:
        raise InputError(f"{name} holds more than {byte_count(MAX_BYTES)}; unpack it by hand and give the folder.")
