"""Corpora read from a file or a folder, or made in Python."""

import csv
import gzip
import hashlib
import json
import os
import sys
import tomllib
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from toolkit.errors import InputError, first_line
from toolkit.text.corpus import (
    DEFAULT_LANGUAGE,
    SPLIT_PARTS,
    Corpus,
    Document,
    canonical,
    encode_utf8,
    in_normal_form,
)
from toolkit.text.store import Gathering, StoredDocument

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Rows = Iterator[Any]

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".zst": zstd.open}
CHUNK_CHARACTERS = 2**20
MAX_FIELD_CHARACTERS = 100_000_000  # of a .csv file: without a limit, one lost quote would take in the whole file
BATCH_ROWS = 64  # of a .parquet file


def documents_in(path: Path, name: str, column: str) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the name and the canonical text, in chunks, of each document in a file.

    Rows are called ``name/000001`` and so on; their text is in this column. Raises InputError if the file is damaged or
    not UTF-8, or a row lacks the column.
    """
    read_rows = ROWS.get(path.suffix.lower())
    if read_rows is None:
        yield name, text_chunks(path)
        return
    number = 0
    try:
        for number, row in enumerate(read_rows(path, column), 1):
            yield f"{name}/{number:06}", [canonical(row[column] or "")]
    except InputError:
        raise
    except (ValueError, TypeError, AttributeError, LookupError, ImportError, RecursionError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read after row {number:,}: {first_line(error)}. Its texts must be in the column "
            f"{column!r}; text_column in about.toml names another."
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
        yield from canonical_chunks(iter(lambda: file.read(CHUNK_CHARACTERS), ""))


def canonical_chunks(chunks: Iterable[str]) -> Iterator[str]:
    """Yield the canonical form of a text in chunks that end after white space, which joins with nothing."""
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


def jsonl_rows(path: Path, column: str) -> Rows:  # noqa: ARG001 - all columns are read
    """Yield the object of each line that is not empty."""
    with open_text(path) as file:
        lines = (line.strip("\ufeff \t\r\n") for line in file)
        yield from map(json.loads, filter(None, lines))


def csv_rows(path: Path, column: str) -> Rows:  # noqa: ARG001 - all columns are read
    """Yield the fields of each row that is not empty, by the header."""
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    with open_text(path) as file:
        rows = csv.reader(file, strict=True)
        header = [name.lstrip("\ufeff") for name in next(rows, [])]
        yield from (dict(zip(header, row, strict=True)) for row in rows if row)


def parquet_rows(path: Path, column: str) -> Rows:
    """Yield the text of each row."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=[column], use_threads=False):
            yield from batch.to_pylist()


ROWS: dict[str, Callable[[Path, str], Rows]] = {".jsonl": jsonl_rows, ".csv": csv_rows, ".parquet": parquet_rows}
ENDINGS = (".txt", ".txt.gz", ".txt.zst", *ROWS)
OUR_FILES = ("compare.toml", "inspect.json", "article.toml", "config.toml")  # of folders that this program writes

Source = tuple[str, str, Path]  # the part of a given split, or "", the name of the document, and its file


def read_corpus(path: Path, name: str | None = None, language: str | None = None) -> Corpus:
    """Return the corpus at a path: one file, a folder of files, or a folder with train, valid and test.

    A folder may state name, language and text column in ``about.toml``. By default, the name is that of the path and
    the language English. Raises InputError if there is no such path, or a file has no text or is not UTF-8.
    """
    file = path / "about.toml"
    try:
        about = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except ValueError as error:
        raise InputError(f"{file} is not valid TOML: {first_line(error)}.") from error
    column = about.get("text_column", "text")
    if path.is_dir():
        stem, sources = about.get("name") or path.resolve().name, folder_sources(path)
    elif path.exists():
        stem = path.name[: -len(ending(path) or path.suffix) or None]
        sources = [("", stem, path)]
    else:
        raise InputError(f"No file or folder: {path}. Give a path that exists.")
    corpus = Corpus(name or stem, (), language or about.get("language") or DEFAULT_LANGUAGE, str(path))
    with Gathering() as gathering:
        for part, document_name, file in sources:
            if not sum(gathering.add(part, *document) for document in documents_in(file, document_name, column)):
                raise InputError(f"{file} has no text. Remove it from the corpus, or add text.")
        return gathering.corpus(corpus)


def checked(corpus: Corpus) -> Corpus:
    """Return a corpus that was made in Python, in canonical form. A large one is moved to the cache.

    Raises InputError if it has no documents or no plain name, if a document has no text, or if two have one name.
    """
    parts = corpus.given.parts if corpus.given else {"": corpus.documents}
    documents = [document for documents in parts.values() for document in documents]
    if not documents or not corpus.name or "/" in corpus.name:
        raise InputError(f"The corpus {corpus.name!r} needs documents and a name without a slash.")
    if all(isinstance(document, StoredDocument) for document in documents):
        return corpus
    with Gathering() as gathering:
        for part, of_part in parts.items():
            for document in of_part:
                if not gathering.add(part, document.name, [canonical(document.text)]):
                    raise InputError(f"The document {document.name!r} has no text. Remove it, or add text.")
        return gathering.corpus(corpus)


def have_texts(corpus: Corpus) -> None:
    """Read a corpus again if its texts are in another machine's cache. Raises InputError if it has other text here."""
    if all(document.path.is_file() for document in corpus.documents if isinstance(document, StoredDocument)):
        return
    path = Path(corpus.path)
    if corpus.path and path.exists():
        here = read_corpus(path, corpus.name, corpus.language)
        if here.sha256 == corpus.sha256:
            return
    raise InputError(
        f"The corpus {corpus.name} does not fit into memory and is not on this machine. Put it under the same path on "
        f"all machines, or let them share a cache (TOOLKIT_CACHE)."
    )


def read_document(path: Path) -> Document:
    """Return a file as a document that is called by its path. Raises InputError if it has rows or no text."""
    text = "".join(text_chunks(path))
    encode_utf8(text, str(path))
    if ending(path) in ROWS or not text.strip():
        raise InputError(f"{path} is not one text. Give a .txt file that has some.")
    return Document(str(path), text)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ending(path: Path) -> str | None:
    """Return the ending of a file that is read from a folder, in lower case, or None for another file."""
    return next((end for end in ENDINGS if path.name.lower().endswith(end)), None)


def files_in(folder: Path) -> list[Path]:
    """Return all files in a folder and its subfolders, linked ones too, by name.

    Hidden files are left out, and so are comparisons, inspections and runs, which this program has made of a corpus.
    """

    def fail(error: OSError) -> None:
        raise error

    files: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=fail, followlinks=True):
        place = Path(parent)
        if place == folder or not any(name in names for name in OUR_FILES):
            files += [place / name for name in names if name[0] != "."]
            around = {place.resolve(), *place.resolve().parents}  # a link to one of these would never end
            folders[:] = [name for name in folders if name[0] != "." and (place / name).resolve() not in around]
        else:
            folders.clear()
    return sorted(files)


def folder_sources(folder: Path) -> list[Source]:
    """Return the files that are read as documents, which are called by their paths in the folder.

    If two of train, valid and test are names of files or subfolders, these are the parts of a given split. Raises
    InputError if there are no files, or if the third part is missing.
    """
    read = [(file, end) for file in files_in(folder) if (end := ending(file))]
    if not read:
        raise InputError(f"{folder} has no file to read. Put each document there as a .txt file in UTF-8.")
    sources = [(file.relative_to(folder).as_posix()[: -len(end)], file) for file, end in read]
    parts = {part: [source for source in sources if source[0].partition("/")[0] == part] for part in SPLIT_PARTS}
    missing = [part for part in SPLIT_PARTS if not parts[part]]
    if len(missing) > 1:
        return [("", *source) for source in sources]
    if missing:
        raise InputError(f"{folder} has no {missing[0]!r}. Give train, valid and test, or none of them.")
    return [(part, *source) for part in SPLIT_PARTS for source in parts[part]]
