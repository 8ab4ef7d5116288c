"""The documents in a file: plain or compressed text, or rows of JSON lines, CSV and Parquet.

A long text comes in chunks, so it is never whole in memory.
"""

import csv
import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from toolkit.errors import InputError, first_line
from toolkit.text.corpus import canonical, encode_utf8, in_normal_form, not_utf8

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".zst": zstd.open}
CHUNK_CHARACTERS = 2**20
MAX_FIELD_CHARACTERS = 100_000_000  # of a .csv file: without a limit, one lost quote would take in the whole file
BATCH_ROWS = 64  # of a .parquet file


def documents_in(path: Path, name: str, column: str) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the name and the canonical text, in chunks, of each document in a file.

    Args:
        path: the file. Its ending decides how it is read.
        name: the name of its document. Rows are called ``name/000001`` and so on, by their number.
        column: the column of rows that has the text. Rows without text yield "".

    Raises:
        InputError: the file is damaged or not UTF-8, or a row has no text in this column.
    """
    read_rows = ROWS.get(path.suffix.lower())
    if read_rows is None:
        yield name, text_chunks(path)
        return
    number = 0
    try:
        for number, value in read_rows(path, column):
            if not isinstance(value, str | None):
                raise InputError(f"Row {number:,} of {path} has {value!r:.40} as {column!r}, not a text.")
            encode_utf8(value or "", f"Row {number:,} of {path}")
            yield f"{name}/{number:06}", [canonical(value or "")]
    except (ValueError, RecursionError, csv.Error) as error:  # pyarrow's errors are ValueErrors
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read after row {number:,}: {first_line(error)}.") from error


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a file, compressed or not, as UTF-8 text with its own line ends."""
    try:
        with OPENERS.get(path.suffix.lower(), open)(path, "rt", encoding="utf-8", newline="") as file:
            try:
                yield file
            except UnicodeDecodeError as error:
                raise not_utf8(error, str(path), file.buffer.tell() - len(error.object)) from error
    except (OSError, EOFError, zlib.error, zstd.ZstdError) as error:
        raise InputError(f"{path} cannot be read: {first_line(error)}.") from error


def text_chunks(path: Path) -> Iterator[str]:
    """Yield the canonical text of a file in chunks."""
    with open_text(path) as file:
        for chunk in canonical_chunks(iter(lambda: file.read(CHUNK_CHARACTERS), "")):
            encode_utf8(chunk, str(path))
            yield chunk


def canonical_chunks(chunks: Iterable[str]) -> Iterator[str]:
    r"""Yield the canonical form of a text that comes in chunks.

    It is cut after spaces and line ends: nothing becomes one character with them.

    >>> list(canonical_chunks(["\ufeffan old e", "\u0301lan\r", "\n"]))
    ['an old ', '', 'élan\n', '']
    """
    text, begun = "", False
    for chunk in chunks:
        text += chunk
        if not begun:
            text = text.lstrip("\ufeff")
            begun = bool(text)
        end = max(text.rfind(" "), text.rfind("\n")) + 1
        yield in_normal_form(text[:end])
        text = text[end:]
    yield in_normal_form(text)


def jsonl_rows(path: Path, column: str) -> Iterator[tuple[int, Any]]:
    """Yield the number of each line that is not empty, from 1, and its value in a column."""
    with open_text(path) as file:
        for number, line in enumerate(file, 1):
            if line.strip("\ufeff \t\r\n"):
                row = json.loads(line.lstrip("\ufeff"))
                if not isinstance(row, dict) or column not in row:
                    raise InputError(
                        f"Line {number:,} of {path} is not an object with the key {column!r}: {line.strip():.60}. "
                        f"Name another key as text_column in about.toml, or write one object a line."
                    )
                yield number, row[column]


def csv_rows(path: Path, column: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each row that is not empty, from 1 below the header, and its field in a column."""
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    with open_text(path) as file:
        rows = csv.reader(file, strict=True)
        header = [name.lstrip("\ufeff") for name in next(rows, [])]
        check_column(column, header, path)
        for number, row in enumerate(rows, 1):
            if row and len(row) != len(header):
                raise InputError(f"Row {number:,} of {path} has {len(row)} fields, but the header has {len(header)}.")
            if row:
                yield number, row[header.index(column)]


def parquet_rows(path: Path, column: str) -> Iterator[tuple[int, Any]]:
    """Yield the number of each row, from 1, and its value in a column."""
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InputError(f"{path} needs pyarrow. Install it: python -m pip install pyarrow") from error
    with ParquetFile(path) as file:
        check_column(column, file.schema_arrow.names, path)
        batches = file.iter_batches(BATCH_ROWS, columns=[column], use_threads=False)
        yield from enumerate((value.as_py() for batch in batches for value in batch.column(0)), 1)


def check_column(column: str, columns: Iterable[str], path: Path) -> None:
    """Raise InputError if a file lacks a column."""
    if column not in columns:
        raise InputError(f"{path} has no column {column!r}. Name one in about.toml: {', '.join(columns)}.")


ROWS = {".jsonl": jsonl_rows, ".csv": csv_rows, ".parquet": parquet_rows}
