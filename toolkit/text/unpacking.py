"""Compressed files, unpacked: one that is cut off or made to fill the memory is refused."""

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from toolkit.errors import InputError
from toolkit.files import unreadable
from toolkit.results.numbers import byte_count

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK = 2**20  # bytes that are unpacked at once
MOST_BYTES = 2**30  # that one file may hold: a thousand novels, and far less than a bomb


READERS: Mapping[str, Callable[[BinaryIO], Any]] = {".gz": gzip.open, ".zst": zstd.open}  # each reads a stream


def compression(path: Path) -> str | None:
    """What the name of a compressed file ends with, in lower case; None if it says nothing of compression.

    >>> compression(Path("A.TXT.GZ")), compression(Path("a.txt"))
    ('.gz', None)
    """
    end = path.suffix.lower()
    return end if end in READERS else None


def unpacked(path: Path) -> Iterator[bytes]:
    """What a compressed file holds, in chunks; its name says how it is compressed.

    Raises InputError if it cannot be read, is cut off, is not so compressed, or holds more than ``MOST_BYTES``.
    """
    size = 0
    try:
        with path.open("rb") as content, READERS[compression(path) or ""](content) as reader:
            while chunk := reader.read(CHUNK):
                size += len(chunk)
                refuse_more(size, str(path))
                yield chunk
    except EOFError as error:
        raise InputError(f"{path} is cut off; get the whole file.") from error
    except OSError as error:
        if error.errno is not None:
            raise unreadable(path, error) from error
        raise damaged(path, error) from error
    except (zlib.error, zstd.ZstdError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> InputError:
    """The error for a file that is not so compressed as its name says."""
    return InputError(f"{path} is no {path.suffix} file, or is damaged: {error}; compress the text again.")


def refuse_more(size: int, source: str) -> None:
    """Raises InputError if a file holds more bytes than ``MOST_BYTES``."""
    if size > MOST_BYTES:
        raise InputError(
            f"{source} holds more than {byte_count(MOST_BYTES)}, the most that is read from one file; divide it."
        )
