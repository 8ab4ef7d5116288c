"""Corpora read from files: a file or a folder of them (corpus_files.py), and what an about.toml says of it."""

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.results.text import listing
from toolkit.text.corpus import (
    DEFAULT_LANGUAGE,
    SPLIT_PARTS,
    Corpus,
    Document,
    canonical,
    check_name,
    described,
    encode_utf8,
)
from toolkit.text.corpus_files import (
    ONE_DOCUMENT,
    ROWS,
    Source,
    ending,
    folder_sources,
    given_parts,
    notes_on_others,
    notes_without_rows,
    without,
)
from toolkit.text.gathering import Gathering
from toolkit.text.not_text import NotTextError
from toolkit.text.passed_over import marks_notes
from toolkit.text.reading import canonical_chunks, lines, text_chunks
from toolkit.text.rows import DEFAULT_COLUMN, OF_TEXT, Row, parquet_rows
from toolkit.text.stored import are_here

NAMED = 3  # files, beside one, that are not UTF-8
ABOUT = ("name", "language", "text_column")  # what is read of an about.toml


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; give a readable file.") from error


def file_digest(path: Path) -> str:
    """The SHA-256 of a file. Raises InputError if it cannot be read."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def read_document(path: Path) -> Document:
    """One file as a document, which its path names. Raises InputError if it has rows, no text or none in UTF-8, or if
    its name is not UTF-8.
    """
    check_file_name(str(path))
    if ending(path) in ROWS:
        raise InputError(f"{path} has rows, each a document; put the text that you mean into a .txt file of its own.")
    text = "".join(document_chunks(path))
    if not text.strip():
        raise InputError(f"{path} has no text; give a file that has some.")
    return Document(str(path), text)


def document_chunks(path: Path) -> Iterator[str]:
    """The canonical text of a file, in chunks. Raises InputError as ``text_chunks`` does."""
    return canonical_chunks(text_chunks(path, packed=ending(path) in ONE_DOCUMENT))


def empty(path: Path) -> InputError:
    """The error for a file of a corpus without text."""
    return InputError(f"{path} has no text; remove it from the corpus or add some.")


def check_file_name(name: str) -> None:
    """Raises InputError if the name of a file is not UTF-8: documents are called by it."""
    if name != name.encode(errors="ignore").decode():
        raise InputError(f"The file name {name!a} is not UTF-8; rename the file.")


def rows_of(path: Path, column: str) -> Iterator[Row]:
    """The rows of a file. Raises InputError if the file cannot be read, or has no such column."""
    end = ending(path) or ""
    if end == ".parquet":
        return parquet_rows(path, column)
    texts = lines(text_chunks(path, packed=False), also_at_returns=end == ".csv")
    return OF_TEXT[end](chain([next(texts, "").lstrip("\ufeff")], texts), str(path), column)


def read_source(source: Source, column: str, gathering: Gathering, names: set[str]) -> tuple[str, ...]:
    """Gather the document of a file, or its rows as documents ``name/000001`` and so on; a note on those without text.

    ``names`` are those of all documents so far. Raises InputError if the file cannot be read, if its name or a text is
    none that UTF-8 has, if it has no text, and if a name is taken.
    """
    path = source.path
    check_file_name(source.name)
    if ending(path) not in ROWS:
        taken(names, source.name, path)
        if not gathering.add(source.part, source.name, document_chunks(path)):
            raise empty(path)
        return ()
    rows = with_text = 0
    for number, text in rows_of(path, column):
        encode_utf8(text or "", f"Row {number:,} of {path}")
        rows += 1
        name = f"{source.name}/{number:06}"
        taken(names, name, path)
        with_text += gathering.add(source.part, name, [canonical(text or "")])
    if not with_text:
        raise InputError(f"{path} has no row with text in {column!r}; remove it from the corpus or add rows.")
    if rows == with_text:
        return ()
    without = rows - with_text
    have, were = ("has", "was") if without == 1 else ("have", "were")
    return (f"{without:,} of {rows:,} rows of {source.name!r} {have} no text and {were} left out.",)


def read_sources(sources: Sequence[Source], column: str, gathering: Gathering) -> list[str]:
    """Gather the documents of all files; notes on those without text.

    Raises InputError as ``read_source`` does; for files that are not UTF-8 once all are read, naming the others, too.
    """
    notes, names, wrong = list[str](), set[str](), dict[str, NotTextError]()
    for source in sources:
        try:
            notes += read_source(source, column, gathering, names)
        except NotTextError as error:
            wrong[str(source.path)] = error
    if wrong:
        (_, first), *others = wrong.items()
        named = [path for path, _ in others[:NAMED]]
        named += [f"{len(others) - NAMED:,} more"] if len(others) > NAMED else []
        too = f"; not UTF-8 either: {listing(named)}" if others else ""
        raise NotTextError(f"{str(first).removesuffix('.')}{too}.") from first
    return notes


def taken(names: set[str], name: str, path: Path) -> None:
    """Take the name of a document. Raises InputError if another has it."""
    if name in names:
        raise InputError(f"There are two documents {name!r}, one of them in {path}; rename a file.")
    names.add(name)


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
    Raises InputError if there is no such path, if it is a pipe, or if a file has no text or is not UTF-8.
    """
    about = read_about(path / "about.toml") if path.is_dir() else {}
    column = text_column or about.get("text_column", DEFAULT_COLUMN)
    language = language or about.get("language", otherwise or DEFAULT_LANGUAGE)
    if path.is_file():
        stem = without(path.name, ending(path) or path.suffix)
        sources = [Source("", stem, path)]
    elif path.is_dir():
        stem = about.get("name") or path.resolve().name
        sources = given_parts(path) or folder_sources(path)
    elif path.exists():
        raise InputError(f"{path} is neither a file nor a folder; save its text as a file first.")
    else:
        raise InputError(f"No file or folder: {path}; give a path that exists.")
    with Gathering() as gathering:
        notes = read_sources(sources, column, gathering)
        gathered = gathering.gathered()
    documents, given = gathered.documents, None
    if sources[0].part:
        given = described(*(gathered.by_part[part] for part in SPLIT_PARTS))
    notes += notes_on_others(path, stem, sources) + marks_notes(path) + notes_without_rows(stem, sources, text_column)
    return Corpus(name or stem, documents, language, str(path), given, column, tuple(notes), gathered.digest(documents))


def have_texts(corpus: Corpus) -> None:
    """Have the texts of a corpus that another machine has read in the cache of this one, by reading it here.

    Raises InputError if it cannot be read here, or is another one here.
    """
    if are_here(corpus.documents):
        return
    if not corpus.path or not Path(corpus.path).exists():
        raise InputError(
            f"The corpus {corpus.name} does not fit into memory, and is not on this machine; put it on all machines, "
            f"under the same path, or let them share a cache (TOOLKIT_CACHE)."
        )
    here = read_corpus(Path(corpus.path), corpus.name, corpus.language, text_column=corpus.text_column)
    if here.sha256 != corpus.sha256:
        raise InputError(f"The corpus at {corpus.path} has other text on this machine; put the same there.")


def read_about(path: Path) -> dict[str, str]:
    """The name, language and text column in an about.toml, if it has them.

    Raises InputError if they are not plain names or no text, or for a key that is nearly one of these.
    """
    try:
        about: dict[str, Any] = tomllib.loads(read_bytes(path).decode("utf-8")) if path.is_file() else {}
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or nested too deep
        raise InputError(f"{path} is not valid TOML: {error}; fix the file.") from error
    for key in about:
        if key not in ABOUT and (meant := get_close_matches(key, ABOUT, n=1, cutoff=0.85)):
            raise InputError(f"{path} has a key {key!r}, which is not read; did you mean {meant[0]!r}?")
    named: dict[str, Any] = {key: about[key] for key in ("name", "language") if key in about}
    for key, value in named.items():
        check_name(value, f"The {key} in {path}")
    if "text_column" in about:
        if not isinstance(about["text_column"], str):
            raise InputError(f"The text_column in {path} cannot be {about['text_column']!r}; give a column's name.")
        named["text_column"] = about["text_column"]
    return named
