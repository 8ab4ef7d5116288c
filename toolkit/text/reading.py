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
from toolkit.text.corpus import canonical, encode_utf8, in_normal_form

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
        for number, row in enumerate(read_rows(path, column), 1):
            value = row[column] or ""
            encode_utf8(value, f"Row {number:,} of {path}")
            yield f"{name}/{number:06}", [canonical(value)]
    except InputError:
        raise
    except (ValueError, TypeError, LookupError, ImportError, RecursionError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read after row {number:,}: {first_line(error)}. "
            f"Its texts must be in the column {column!r}, or in the text_column that about.toml names."
        ) from error


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a file, compressed or not, as UTF-8 text with its own line ends."""
    try:
        with OPENERS.get(path.suffix.lower(), open)(path, "rt", encoding="utf-8", newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8: {error.reason}. Convert it to UTF-8.") from error
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


def jsonl_rows(path: Path, column: str) -> Iterator[Any]:  # noqa: ARG001 - all columns are read
    """Yield the object of each line that is not empty."""
    with open_text(path) as file:
        lines = (line.strip("\ufeff \t\r\n") for line in file)
        yield from map(json.loads, filter(None, lines))


def csv_rows(path: Path, column: str) -> Iterator[dict[str, str]]:  # noqa: ARG001 - all columns are read
    """Yield the fields of each row that is not empty, by the header."""
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    with open_text(path) as file:
        rows = csv.reader(file, strict=True)
        header = [name.lstrip("\ufeff") for name in next(rows, [])]
        yield from (dict(zip(header, row, strict=True)) for row in rows if row)


def parquet_rows(path: Path, column: str) -> Iterator[dict[str, Any]]:
    """Yield the text of each row."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=[column], use_threads=False):
            yield from batch.to_pylist()


ROWS: dict[str, Callable[[Path, str], Iterator[Any]]] = {
    ".jsonl": jsonl_rows,
    ".csv": csv_rows,
    ".parquet": parquet_rows,
}
