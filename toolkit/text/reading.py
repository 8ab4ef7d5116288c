"""A file's text in chunks, so that a long file is never whole in memory: decoded, in lines, and in canonical form."""

import codecs
import gzip
import io
import sys
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from toolkit.errors import InputError
from toolkit.text.corpus import decode_utf8, in_normal_form, refuse_nul
from toolkit.text.not_text import NotTextError, by_beginning

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

READERS: Mapping[str, Callable[..., Any]] = {".gz": gzip.open, ".zst": zstd.open}  # of compressed files
CHUNK = 2**20  # bytes
AROUND = 4  # characters before a place that decide whether the next one becomes one with them
FAR = 1_000  # characters that are looked through for a place to cut where there is no space


def text_chunks(path: Path, *, packed: bool) -> Iterator[str]:
    """The text of a file, compressed or not, in chunks.

    Raises InputError if it cannot be read, and NotTextError, with what it is if that is known, if it is not UTF-8.
    """
    chunks = file_chunks(path, READERS.get(path.suffix.lower(), open) if packed else open)
    first = next(chunks, b"")
    try:
        yield from decoded(chain([first], chunks), str(path))
    except NotTextError as error:
        if said := by_beginning(first):
            raise NotTextError(f"{path} {said}.") from error
        raise


def file_chunks(path: Path, reader: Callable[..., Any]) -> Iterator[bytes]:
    """A file's bytes, decompressed by its reader, in chunks. Raises InputError if it cannot be read or is damaged."""
    try:
        with reader(path, "rb") as file:
            yield from chunks_of(file)
    except EOFError as error:
        raise InputError(f"{path} is cut off; get the whole file.") from error
    except (zlib.error, zstd.ZstdError, gzip.BadGzipFile) as error:
        raise InputError(
            f"{path} is no {path.suffix} file, or is damaged: {error}; compress the text again."
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; give a readable file.") from error


def chunks_of(stream: BinaryIO | io.RawIOBase) -> Iterator[bytes]:
    """What is left of a stream, in chunks."""
    while chunk := stream.read(CHUNK):
        yield chunk


def decoded(chunks: Iterable[bytes], source: str) -> Iterator[str]:
    r"""The text of bytes that come in chunks, unchanged. Raises NotTextError, naming the byte, if they are not UTF-8.

    >>> list(decoded([b"caf\xc3", b"\xa9"], "a.txt"))
    ['caf', 'é']
    """
    place = 0  # of the bytes that are not decoded yet
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in chunks:
        before: bytes = decoder.getstate()[0]
        refuse_nul(chunk, source, place + len(before))
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            text = decode_utf8(before + chunk, source, place)  # raises the error
        place += len(before) + len(chunk) - len(decoder.getstate()[0])
        yield text
    if left := decoder.getstate()[0]:
        yield decode_utf8(left, source, place)  # raises the error: the last character is cut off


def lines(chunks: Iterable[str], *, also_at_returns: bool) -> Iterator[str]:
    r"""The lines of a text that comes in chunks, with their ends: ``\n``, and perhaps also ``\r`` and ``\r\n``.

    >>> list(lines(["a\r", "\nb\n", "c"], also_at_returns=True))
    ['a\r\n', 'b\n', 'c']
    """
    newline, begun = "" if also_at_returns else "\n", list[str]()
    for chunk in chunks:
        begun.append(chunk)
        if "\n" in chunk or (also_at_returns and "\r" in chunk):
            *whole, last = io.StringIO("".join(begun), newline=newline).readlines()
            yield from whole
            begun = [last]  # it may go on: even after \r there may be \n
    yield from io.StringIO("".join(begun), newline=newline)


def canonical_chunks(chunks: Iterable[str]) -> Iterator[str]:
    r"""The canonical form of a text that comes in chunks, in chunks.

    >>> list(canonical_chunks(["\ufeffan old e", "\u0301lan\r", "\n"]))
    ['an old ', 'éla', 'n\n']
    """
    kept, begun = "", False
    for chunk in chunks:
        kept += chunk
        if not begun:  # the text begins after its byte-order marks
            kept = kept.lstrip("\ufeff")
            begun = bool(kept)
        if end := safe_end(kept):
            yield in_normal_form(kept[:end])
            kept = kept[end:]
    if kept:
        yield in_normal_form(kept)


def safe_end(text: str) -> int:
    r"""The last place in a text whose two sides can be put into canonical form one by one; 0 if none is found.

    Nothing becomes one character with a space or a line end before it.

    >>> safe_end("an elan"), safe_end("an e\r"), safe_end("ab\u0301"), safe_end("\r")
    (3, 3, 1, 0)
    """
    if end := max(text.rfind(" "), text.rfind("\n")) + 1:
        return end
    for place in range(len(text) - 1, max(0, len(text) - FAR), -1):
        if stays_apart(text[max(0, place - AROUND) : place], text[place]):
            return place
    return 0


def stays_apart(before: str, next_: str) -> bool:
    r"""Whether a character begins anew, in canonical form, after the few characters before it.

    Three may become one where no two of them do, as in Korean and Kannada.

    >>> stays_apart("a", "b"), stays_apart("\u1100\u1161", "\u11a8"), stays_apart("a", "\u0301")
    (True, False, False)
    """
    pair = before[-1] + next_
    if "\r" in pair or unicodedata.combining(next_) or not unicodedata.is_normalized("NFC", pair):
        return False
    return unicodedata.normalize("NFC", before + next_) == unicodedata.normalize("NFC", before) + next_
