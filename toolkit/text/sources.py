"""Corpora read from files: a file or a folder of them, and what an about.toml says of it."""

import hashlib
import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.text.corpus import (
    DEFAULT_LANGUAGE,
    SPLIT_PARTS,
    Corpus,
    Document,
    canonical,
    check_name,
    decode_utf8,
    described,
    encode_utf8,
)
from toolkit.text.rows import DEFAULT_COLUMN, OF_TEXT, Row, parquet_rows
from toolkit.text.unpacking import READERS, unpacked

ONE_DOCUMENT = (".txt", ".txt.gz", ".txt.zst")  # what the name of a file of one document ends with
ROWS = (".jsonl", ".csv", ".parquet")  # and of a file whose rows are documents


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; give a readable file.") from error


def file_digest(path: Path) -> str:
    """The SHA-256 of a file. Raises InputError if it cannot be read."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def read_document(path: Path, name: str) -> Document:
    """One file as a document. Raises InputError if it is empty or not UTF-8 text, or its name is not UTF-8."""
    check_file_name(name)
    content = read_bytes(path)
    if ending(path) in ONE_DOCUMENT and path.suffix in READERS:
        content = unpacked(content, path.suffix, str(path))
    text = canonical(decode_utf8(content, str(path)))
    if not text.strip():
        raise InputError(f"{path} is empty; remove it from the corpus or add text.")
    return Document(name, text)


def check_file_name(name: str) -> None:
    """Raises InputError if the name of a file is not UTF-8: documents are called by it."""
    if name != name.encode(errors="ignore").decode():
        raise InputError(f"The file name {name!a} is not UTF-8; rename the file.")


def ending(path: Path) -> str | None:
    """What a file's name ends with, if files with such names are read.

    >>> ending(Path("a.b.txt.gz")), ending(Path("a.md"))
    ('.txt.gz', None)
    """
    return next((end for end in (*ONE_DOCUMENT, *ROWS) if path.name.endswith(end)), None)


def read_rows(path: Path, name: str, column: str) -> tuple[Document, ...]:
    """The rows of a file as documents ``name/000001`` and so on, also those without text.

    Raises InputError if the file cannot be read, if its name or a text is none that UTF-8 has, and if no row has text.
    """
    check_file_name(name)
    if path.suffix == ".parquet":
        rows: Iterable[Row] = parquet_rows(path, column)
    else:
        rows = OF_TEXT[path.suffix](decode_utf8(read_bytes(path), str(path)).lstrip("\ufeff"), str(path), column)
    documents = []
    for number, text in rows:
        encode_utf8(text or "", f"Row {number:,} of {path}")
        documents.append(Document(f"{name}/{number:06}", canonical(text or "")))
    if not with_text(documents):
        raise InputError(f"{path} has no row with text in {column!r}; remove it from the corpus or add rows.")
    return tuple(documents)


def with_text(documents: Iterable[Document]) -> tuple[Document, ...]:
    """The documents that have text."""
    return tuple(document for document in documents if document.text.strip())


def left_out(documents: Sequence[Document]) -> tuple[str, ...]:
    """A sentence for each file with rows that have no text.

    >>> left_out([Document("tales/000001", "Once."), Document("tales/000002", "")])
    ("1 of 2 rows of 'tales' have no text and were left out.",)
    """
    rows = Counter(document.name.rpartition("/")[0] for document in documents)
    full = Counter(document.name.rpartition("/")[0] for document in with_text(documents))
    return tuple(
        f"{count - full[file]:,} of {count:,} rows of {file!r} have no text and were left out."
        for file, count in rows.items()
        if count > full[file]
    )


def read_file(path: Path, name: str, column: str) -> tuple[Document, ...]:
    """The documents of one file: its rows, or itself. Raises InputError as these do."""
    return read_rows(path, name, column) if ending(path) in ROWS else (read_document(path, name),)


def text_files(folder: Path) -> list[Path]:
    """All files that are read in a folder and its subfolders, also in linked ones, in the order of their names.

    What is hidden (its name begins with a dot) is not ours, and a link to a folder around it is not followed.
    Raises InputError for a subfolder that cannot be read.
    """
    found: list[Path] = []
    around: set[str] = set()

    def look(into: Path) -> None:
        real = os.path.realpath(into)
        if real in around:
            return
        around.add(real)
        try:
            entries = [path for path in into.iterdir() if not path.name.startswith(".")]
        except OSError as error:
            raise InputError(
                f"{into} cannot be read: {error.strerror}; give readable folders, or move this one away."
            ) from error
        for path in entries:
            if path.is_dir():
                look(path)
            elif ending(path) and path.is_file():
                found.append(path)
        around.remove(real)

    look(folder)
    return sorted(found)


def read_folder(folder: Path, column: str) -> tuple[Document, ...]:
    """The documents of all files in a folder and its subfolders, by name.

    Raises InputError if there are none, or if two have one name.
    """
    files = text_files(folder)
    if not files:
        raise InputError(
            f"{folder} has no .txt file, not even in a subfolder, nor one of {', '.join((*ONE_DOCUMENT[1:], *ROWS))}; "
            f"put each document there as a UTF-8 .txt file."
        )
    documents: dict[str, Document] = {}
    for path in files:
        name = path.relative_to(folder).as_posix().removesuffix(ending(path) or "")
        for document in read_file(path, name, column):
            if document.name in documents:
                raise InputError(f"{folder} has two documents {document.name!r}, one of them in {path}; rename a file.")
            documents[document.name] = document
    return tuple(documents.values())


def read_part(path: Path, part: str, column: str) -> tuple[Document, ...]:
    """The documents of one given part, a folder or a file."""
    if path.is_dir():
        return tuple(Document(f"{part}/{d.name}", d.text) for d in read_folder(path, column))
    return read_file(path, part, column)


def part_path(folder: Path, part: str) -> Path | None:
    """The folder of a given part, or its file (``train.txt`` or such), or None if there is neither.

    Raises InputError if there are several files.
    """
    if (folder / part).is_dir():
        return folder / part
    files = [path for end in (*ONE_DOCUMENT, *ROWS) if (path := folder / f"{part}{end}").is_file()]
    if len(files) > 1:
        raise InputError(f"{folder} has {' and '.join(path.name for path in files)}; keep one of them.")
    return files[0] if files else None


def read_parts(folder: Path, column: str) -> list[tuple[Document, ...]]:
    """The train, valid and test documents that a folder prescribes; nothing if it has at most one of them.

    Raises InputError if it has two.
    """
    paths = {part: part_path(folder, part) for part in SPLIT_PARTS}
    missing = [part for part in SPLIT_PARTS if paths[part] is None]
    if len(missing) > 1:
        return []
    if missing:
        raise InputError(
            f"{folder} prescribes a split without {missing[0]!r}; "
            f"give train, valid and test, each as a .txt file or a folder."
        )
    return [read_part(path, part, column) for part, path in paths.items() if path]


def read_corpus(
    path: Path,
    name: str | None = None,
    language: str | None = None,
    otherwise: str | None = None,
    text_column: str | None = None,
) -> Corpus:
    """The corpus at a path: one file, a folder of files, or a folder with train, valid and test.

    A folder may state its name, language and text column in ``about.toml``; arguments take precedence. If neither
    gives the language, it is ``otherwise``, or English; the text column is else ``text``.
    Raises InputError if there is no such path, or a file is empty or not UTF-8 text.
    """
    about = read_about(path / "about.toml") if path.is_dir() else {}
    column = text_column or about.get("text_column", DEFAULT_COLUMN)
    language = language or about.get("language", otherwise or DEFAULT_LANGUAGE)
    if path.is_file():
        stem, parts = path.name.removesuffix(ending(path) or path.suffix), []
        documents = read_file(path, stem, column)
    elif path.is_dir():
        stem, parts = about.get("name") or path.resolve().name, read_parts(path, column)
        documents = sum(parts, ()) or read_folder(path, column)
    else:
        raise InputError(f"No file or folder: {path}; give a path that exists.")
    given = described(*map(with_text, parts)) if parts else None
    return Corpus(name or stem, with_text(documents), language, str(path), given, column, left_out(documents))


def read_about(path: Path) -> dict[str, str]:
    """The name, language and text column in an about.toml, if it has them.

    Raises InputError if they are not plain names, or no text.
    """
    try:
        about: dict[str, Any] = tomllib.loads(read_bytes(path).decode("utf-8")) if path.is_file() else {}
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or nested too deep
        raise InputError(f"{path} is not valid TOML: {error}; fix the file.") from error
    named: dict[str, Any] = {key: about[key] for key in ("name", "language") if key in about}
    for key, value in named.items():
        check_name(value, f"The {key} in {path}")
    if "text_column" in about:
        if not isinstance(about["text_column"], str):
            raise InputError(f"The text_column in {path} cannot be {about['text_column']!r}; give a column's name.")
        named["text_column"] = about["text_column"]
    return named
