"""Compressed files, unpacked: one that is cut off or made to fill the memory is refused."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import BinaryIO

from toolkit.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_BYTES = 2**30  # that one file may hold: a thousand novels, and far less than a bomb


def gzip_reader(content: BinaryIO) -> BinaryIO:
    """What reads a gzip file."""
    return gzip.open(content)  # type: ignore[return-value]  # a stream of bytes, by another name


def zstd_reader(content: BinaryIO) -> BinaryIO:
    """What reads a zstd file."""
    return zstd.open(content)  # type: ignore[return-value]


READERS: Mapping[str, Callable[[BinaryIO], BinaryIO]] = {".gz": gzip_reader, ".zst": zstd_reader}


def unpacked(content: bytes, suffix: str, source: str) -> bytes:
    """What a compressed file holds; ``suffix`` says how it is compressed.

    Raises InputError if it is cut off, is not so compressed, or holds more than ``MOST_BYTES``.

    >>> unpacked(gzip.compress(b"moon"), ".gz", "moon.txt.gz")
    b'moon'
    """
    try:
        with READERS[suffix](io.BytesIO(content)) as reader:
            inside = reader.read(MOST_BYTES + 1)
    except EOFError as error:
        raise InputError(f"{source} is cut off; get the whole file.") from error
    except (OSError, zlib.error, zstd.ZstdError) as error:
        raise InputError(f"{source} is no {suffix} file, or is damaged: {error}; compress the text again.") from error
    refuse_more(len(inside), source)
    return inside


def refuse_more(size: int, source: str) -> None:
    """Raises InputError if a file holds more bytes than ``MOST_BYTES``."""
    if size > MOST_BYTES:
        raise InputError(
            f"{source} holds more than {MOST_BYTES / 2**20:,.0f} MiB, the most that is read from one file; divide it."
        )
