"""Corpora read from a file or a folder, or made in Python."""

import csv
import gzip
import hashlib
import json
import os
import tomllib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from toolkit.errors import InputError, first_line
from toolkit.text.corpus import (
    DEFAULT_LANGUAGE,
    SPLIT_PARTS,
    Corpus,
    Document,
    Split,
    canonical,
    encode_utf8,
)

Rows = Iterator[Any]

MAX_FIELD_CHARACTERS = 100_000_000  # of a .csv file: without a limit, one lost quote would take in the whole file
MODEL_FILES = (".json", ".safetensors", ".bin")  # configuration, tokens and weights of a language model


def documents_in(path: Path, name: str, column: str) -> Iterator[Document]:
    """Yield each document in a file, also those without a text.

    Rows are called ``name/000001`` and so on; their text is in this column. Raises InputError if the file is damaged or
    not UTF-8, or a row lacks the column.
    """
    read_rows = ROWS.get(path.suffix.lower())
    if read_rows is None:
        yield Document(name, read_text(path))
        return
    number = 0
    try:
        for number, row in enumerate(read_rows(path), 1):
            yield Document(f"{name}/{number:06}", canonical(row[column] or ""))
    except InputError:
        raise
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read after row {number:,}: {first_line(error)}. Its texts must be in the column "
            f"{column!r}; text_column in about.toml names another."
        ) from error


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a file, compressed or not, as UTF-8 text with its own line ends."""
    try:
        opener: Callable[..., Any] = gzip.open if path.suffix.lower() == ".gz" else open
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8: {error.reason}. Convert it to UTF-8.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {first_line(error)}.") from error


def read_text(path: Path) -> str:
    """Return the canonical text of a file."""
    with open_text(path) as file:
        return canonical(file.read())


def jsonl_rows(path: Path) -> Rows:
    """Yield the object of each line that is not empty."""
    with open_text(path) as file:
        lines = (line.strip("\ufeff \t\r\n") for line in file)
        yield from map(json.loads, filter(None, lines))


def csv_rows(path: Path) -> Rows:
    """Yield the fields of each row that is not empty, by the header."""
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    with open_text(path) as file:
        rows = csv.reader(file, strict=True)
        header = [name.lstrip("\ufeff") for name in next(rows, [])]
        yield from (dict(zip(header, row, strict=True)) for row in rows if row)


ROWS: dict[str, Callable[[Path], Rows]] = {".jsonl": jsonl_rows, ".csv": csv_rows}
ENDINGS = (".txt", ".txt.gz", *ROWS)
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
    documents: dict[str, list[Document]] = {}
    for part, document_name, file in sources:
        read = [document for document in documents_in(file, document_name, column) if document.text.strip()]
        if not read:
            raise InputError(f"{file} has no text. Remove it from the corpus, or add text.")
        documents.setdefault(part, []).extend(read)
    return with_documents(corpus, documents)


def with_documents(corpus: Corpus, documents: Mapping[str, Sequence[Document]]) -> Corpus:
    """Return a corpus with these documents by their part of the given split, or of the part "" without one.

    Raises InputError if two documents have one name, or UTF-8 cannot encode a name or a text.
    """
    everything, names = tuple(chain.from_iterable(documents.values())), set[str]()
    for document in everything:
        encode_utf8(document.name, "The name of a document")
        encode_utf8(document.text, document.name)
        if document.name in names:
            raise InputError(f"Two documents are called {document.name!r}. Rename one.")
        names.add(document.name)
    given = None
    if "" not in documents:
        train, valid, test = (tuple(documents[part]) for part in SPLIT_PARTS)
        given = replace(corpus.given or Split((), (), ()), train=train, valid=valid, test=test)
    return replace(corpus, documents=everything, given=given)


def checked(corpus: Corpus) -> Corpus:
    """Return a corpus that was made in Python, in canonical form.

    Raises InputError if it has no documents or no plain name, if a document has no text, or if two have one name.
    """
    parts = corpus.given.parts if corpus.given else {"": corpus.documents}
    if not any(parts.values()) or not corpus.name or "/" in corpus.name:
        raise InputError(f"The corpus {corpus.name!r} needs documents and a name without a slash.")
    in_form = {part: [Document(d.name, canonical(d.text)) for d in some] for part, some in parts.items()}
    for document in chain.from_iterable(in_form.values()):
        if not document.text.strip():
            raise InputError(f"The document {document.name!r} has no text. Remove it, or add text.")
    return with_documents(corpus, in_form)


def read_document(path: Path) -> Document:
    """Return a file as a document that is called by its path. Raises InputError if it has rows or no text."""
    text = read_text(path)
    encode_utf8(text, str(path))
    if ending(path) in ROWS or not text.strip():
        raise InputError(f"{path} is not one text. Give a .txt file that has some.")
    return Document(str(path), text)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of a language model's files in a folder."""
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in MODEL_FILES)
        listed = "".join(f"{file.name} {file_digest(file)}\n" for file in files)
        return hashlib.sha256(listed.encode()).hexdigest()
    return _sha256(path.absolute(), path.stat().st_mtime_ns)


@lru_cache(maxsize=256)  # a request asks for the digests of large files again and again
def _sha256(path: Path, changed: int) -> str:  # noqa: ARG001
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
