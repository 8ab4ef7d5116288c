"""Files whose rows are documents: .jsonl, .csv and .parquet, with the text in one of their columns."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from toolkit.errors import InputError, first_line

DEFAULT_COLUMN = "text"
ANOTHER_COLUMN = "say with --text-column which has the text, or move the file away"
LONGEST_FIELD = 100_000_000  # characters of one field of a .csv file; without a limit a lost quote would eat the rest
BATCH = 64  # rows of a .parquet file that are decoded at once

Row = tuple[int, str | None]  # its number, from 1, and its text


def jsonl_rows(lines: Iterable[str], source: str, column: str) -> Iterator[Row]:
    r"""The texts of lines that are JSON objects, by their line. Raises InputError for a line that is none.

    >>> list(jsonl_rows(['{"text": "moon"}\n', '\n', '{"text": null}\n'], "a.jsonl", "text"))
    [(1, 'moon'), (3, None)]
    """
    missing = ANOTHER_COLUMN
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"Line {number:,} of {source}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            said = (
                f"{error.msg}, at character {error.colno}"
                if isinstance(error, json.JSONDecodeError)
                else first_line(error)
            )
            raise InputError(f"{place} is not JSON: {said}; give one object a line.") from error
        if not isinstance(row, dict):
            key = json.dumps(column, ensure_ascii=False)
            raise InputError(f"{place} is {kind(row)}, not an object; give one object a line, {{{key}: …}}.")
        if column not in row:
            raise no_column(column, list(row), place, missing)
        yield number, checked_text(row[column], column, place)
        missing = "lines before it have one: give this one its text, or null to leave it out"


def csv_rows(lines: Iterable[str], source: str, column: str) -> Iterator[Row]:
    r"""The texts of the rows below a header, by their number. Raises InputError for a row that does not fit to it.

    >>> list(csv_rows(['id,text\n', '1,"moon\n', 'light"\n', '2,\n'], "a.csv", "text"))
    [(1, 'moon\nlight'), (2, '')]
    """
    with longer_fields():
        rows = enumerate(csv.reader(lines, strict=True))
        number = 0
        try:
            _, header = next(rows, (0, []))
            place = csv_column(header, column, source)
            for number, row in rows:
                if row and len(row) != len(header):
                    raise InputError(
                        f"Row {number:,} of {source} has {len(row)} fields and the header {len(header)}; put fields "
                        f"with commas, quotes or line ends into quotes."
                    )
                if row:
                    yield number, row[place]
        except csv.Error as error:
            raise InputError(
                f"{source} is no valid .csv file after row {number:,}: {error}; a field may have {LONGEST_FIELD:,} "
                f"characters, and quotes in it are doubled."
            ) from error


def csv_column(header: list[str], column: str, source: str) -> int:
    """The place of a column in the header. Raises InputError if it is not there once, or commas do not part columns."""
    if len(header) == 1 and (found := re.search("[;\t]", header[0])):
        raise InputError(
            f"{source} is separated by {found[0]!r}, not by commas: its header is {header[0]!r}; save it with commas."
        )
    if column not in header:
        raise no_column(column, header, f"The header (first row) of {source}" if header else source)
    if header.count(column) > 1:
        raise InputError(f"{source} has {header.count(column)} columns {column!r}; rename all but one.")
    return header.index(column)


@contextmanager
def longer_fields() -> Iterator[None]:
    """Let fields of .csv files be as long as a book: the limit is the process', so it is put back."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def parquet_rows(path: Path, column: str) -> Iterator[Row]:
    """The texts in a column of a .parquet file, by their row.

    Raises InputError without pyarrow, for a file that is none, and for a column that is missing or no text.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InputError(f"{path} needs pyarrow; run python -m pip install pyarrow first.") from error
    try:
        with ParquetFile(path) as file:
            names = file.schema_arrow.names
            if column not in names:
                raise no_column(column, names, str(path))
            of_column = file.schema_arrow.field(column).type
            values = of_column.value_type if pa.types.is_dictionary(of_column) else of_column
            if not (pa.types.is_string(values) or pa.types.is_large_string(values) or pa.types.is_null(values)):
                raise InputError(f"The column {column!r} of {path} holds {of_column}, not text; name another.")
            yield from decoded(file, column, str(path))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is no .parquet file, or is damaged: {first_line(error)}; write it again.") from error


def decoded(file: Any, column: str, source: str) -> Iterator[Row]:
    """The texts in a column of an open .parquet file. Raises InputError for invalid UTF-8."""
    number = 0
    for batch in file.iter_batches(BATCH, columns=[column], use_threads=False):
        for value in batch.column(0):
            number += 1
            try:
                text = value.as_py()
            except UnicodeDecodeError as error:
                raise InputError(f"Row {number:,} of {source} is not UTF-8; convert its text.") from error
            yield number, text


def checked_text(value: object, column: str, place: str) -> str | None:
    """The text of a row; None if it has none. Raises InputError for another kind of value."""
    if value is None or isinstance(value, str):
        return value
    inside = "what is inside it is not read: write the text into a column of its own, or " * isinstance(value, dict)
    raise InputError(
        f"{place} has {kind(value)} as {column!r}, not a text; {inside}name another column with --text-column."
    )


def kind(value: object) -> str:
    """What a JSON value is, in words.

    >>> kind([1]), kind(1.5)
    ('a list', 'a number')
    """
    names = {list: "a list", dict: "an object", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def no_column(column: str, names: list[str], source: str, to_do: str = ANOTHER_COLUMN) -> InputError:
    """The error for a column that is missing, naming those that there are, and what is to be done."""
    if not names:
        return InputError(f"{source} has no columns; the texts must stand in a column {column!r}.")
    return InputError(f"{source} has no column {column!r} but {', '.join(names)}; {to_do}.")


OF_TEXT: Mapping[str, Callable[[Iterable[str], str, str], Iterator[Row]]] = {".jsonl": jsonl_rows, ".csv": csv_rows}
