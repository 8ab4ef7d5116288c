"""Corpora read from files: a file or a folder of them, and what an about.toml says of it."""

import hashlib
import os
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.files import unreadable
from toolkit.results.numbers import listing
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
from toolkit.text.gathering import Gathering
from toolkit.text.not_text import NotTextError
from toolkit.text.passed_over import commonest, counted, marks_notes, missed, passed_over_notes
from toolkit.text.reading import canonical_chunks, lines, text_chunks
from toolkit.text.rows import DEFAULT_COLUMN, OF_TEXT, Row, parquet_rows
from toolkit.text.stored import are_here

ONE_DOCUMENT = (".txt", ".txt.gz", ".txt.zst")  # what the name of a file of one document ends with
ROWS = (".jsonl", ".csv", ".parquet")  # and of a file whose rows are documents
NAMED = 3  # files, beside one, that are not UTF-8
# In the folder of a comparison, an inspection, a reproduction and a run.
WE_WRITE = (("compare.toml",), ("inspect.json", "index.html"), ("article.toml",), ("config.toml", "tokenizer"))


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def file_digest(path: Path) -> str:
    """The SHA-256 of a file. Raises InputError if it cannot be read."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def read_document(path: Path) -> Document:
    """One file as a document, which its path names. Raises InputError if it is empty or not UTF-8 text, or its name is
    not UTF-8.
    """
    check_file_name(str(path))
    text = "".join(document_chunks(path))
    if not text.strip():
        raise empty(path)
    return Document(str(path), text)


def document_chunks(path: Path) -> Iterator[str]:
    """The canonical text of a file, in chunks. Raises InputError as ``text_chunks`` does."""
    return canonical_chunks(text_chunks(path, packed=ending(path) in ONE_DOCUMENT))


def empty(path: Path) -> InputError:
    """The error for a file without text."""
    return InputError(f"{path} is empty; remove it from the corpus or add text.")


def check_file_name(name: str) -> None:
    """Raises InputError if the name of a file is not UTF-8: documents are called by it."""
    if name != name.encode(errors="ignore").decode():
        raise InputError(f"The file name {name!a} is not UTF-8; rename the file.")


def ending(path: Path) -> str | None:
    """What a file's name ends with, in lower case, if files with such names are read: many a ``.TXT`` is from DOS.

    >>> ending(Path("a.b.TXT.gz")), ending(Path("a.md"))
    ('.txt.gz', None)
    """
    return next((end for end in (*ONE_DOCUMENT, *ROWS) if path.name.lower().endswith(end)), None)


def without(name: str, end: str | None) -> str:
    """A name without what it ends with, in whatever case.

    >>> without("A.TXT", ".txt"), without("a.md", None)
    ('A', 'a.md')
    """
    return name[: len(name) - len(end or "")]


def rows_of(path: Path, column: str) -> Iterator[Row]:
    """The rows of a file. Raises InputError if the file cannot be read, or has no such column."""
    end = ending(path) or ""
    if end == ".parquet":
        return parquet_rows(path, column)
    texts = lines(text_chunks(path, packed=False), also_at_returns=end == ".csv")
    return OF_TEXT[end](chain([next(texts, "").lstrip("\ufeff")], texts), str(path), column)


@dataclass(frozen=True)
class Source:
    """A file of a corpus, the part of a given split that it belongs to, and the name of what it holds."""

    part: str
    name: str
    path: Path


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
    return (f"{rows - with_text:,} of {rows:,} rows of {source.name!r} have no text and were left out.",)


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


def shown(folder: Path) -> list[Path]:
    """What is in a folder and not hidden (its name begins with a dot). Raises InputError if it cannot be read."""
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise InputError(
            f"{folder} cannot be read: {error.strerror}; give readable folders, or move this one away."
        ) from error


def files_in(folder: Path) -> list[Path]:
    """All files in a folder and its subfolders, also in linked ones, in the order of their names, whether read or not.

    Without what is hidden, and without comparisons, inspections and runs, which are made of the corpus;
    a link to a folder around it is not followed.
    Raises InputError for a folder that cannot be read.
    """
    found: list[Path] = []
    around: set[str] = set()

    def look(into: Path) -> None:
        real = os.path.realpath(into)
        if real in around:
            return
        around.add(real)
        for path in shown(into):
            if not path.is_dir():
                found.append(path)
            elif not is_written_by_us(path):
                look(path)
        around.remove(real)

    look(folder)
    return sorted(found)


def text_files(files: Iterable[Path]) -> list[Path]:
    """Those of some files that are read. Raises InputError for a link with such a name that leads nowhere."""
    named = [path for path in files if ending(path)]
    for path in named:
        if path.is_symlink() and not path.exists():
            raise InputError(f"{path} is a link to {os.readlink(path)}, which is not there; remove or mend it.")
    return [path for path in named if path.is_file()]


def passed_over(files: Iterable[Path]) -> list[Path]:
    """Those of some files that are not read."""
    return [path for path in files if not ending(path) and path.is_file()]


def is_written_by_us(folder: Path) -> bool:
    """Whether a command wrote a folder, wherever it lies: its tables and texts are no documents."""
    return any(all((folder / name).exists() for name in names) for names in WE_WRITE)


def folder_sources(folder: Path, part: str = "") -> list[Source]:
    """All files that are read in a folder, by name; those of a part of a given split are called by it, too.

    Raises InputError if there are none.
    """
    there = files_in(folder)
    files = text_files(there)
    if not files:
        unread = passed_over(there)
        others = dict.fromkeys([*missed(unread), *commonest(unread)])
        but = f"; it has {counted(others)}" if others else ""
        raise InputError(
            f"{folder} has no .txt file, not even in a subfolder, nor one of {', '.join((*ONE_DOCUMENT[1:], *ROWS))}"
            f"{but}; put each document there as a UTF-8 .txt file."
        )
    names = [without(path.relative_to(folder).as_posix(), ending(path)) for path in files]
    return [Source(part, f"{part}/{name}" if part else name, path) for name, path in zip(names, files, strict=True)]


def part_sources(path: Path, part: str) -> list[Source]:
    """The files of one given part: those in its folder, or the file itself."""
    return folder_sources(path, part) if path.is_dir() else [Source(part, part, path)]


def part_path(folder: Path, part: str, entries: Sequence[Path]) -> Path | None:
    """The folder of a given part, or its file (``train.txt`` or such), or None if there is neither.

    ``entries`` are what is in the folder. Raises InputError if there are several files.
    """
    if (folder / part).is_dir():
        return folder / part
    begun = sorted(path for path in entries if path.name.startswith(f"{part}.") and path.is_file())
    files = [path for end in (*ONE_DOCUMENT, *ROWS) for path in begun if path.name.lower() == f"{part}{end}"]
    if len(files) > 1:
        raise InputError(f"{folder} has {' and '.join(path.name for path in files)}; keep one of them.")
    return files[0] if files else None


def given_parts(folder: Path) -> list[Source]:
    """The files of the train, valid and test documents that a folder prescribes; none if it has at most one of them.

    Raises InputError if it has two, or if the folder cannot be read.
    """
    entries = shown(folder)
    paths = {part: part_path(folder, part, entries) for part in SPLIT_PARTS}
    missing = [part for part in SPLIT_PARTS if paths[part] is None]
    if len(missing) > 1:
        return []
    if missing:
        raise InputError(
            f"{folder} prescribes a split without {missing[0]!r}; "
            f"give train, valid and test, each as a .txt file or a folder."
        )
    return [source for part, path in paths.items() if path for source in part_sources(path, part)]


def notes_on_others(path: Path, name: str, sources: Sequence[Source]) -> list[str]:
    """Sentences about files that are not read where files were looked for: in the folders of the parts of a given
    split, or in the corpus' own, which has that name."""
    folders = {part: path / part for part in SPLIT_PARTS} if sources[0].part else {name: path}
    return [
        note
        for called, folder in folders.items()
        if folder.is_dir()
        for note in passed_over_notes(called, passed_over(files_in(folder)))
    ]


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
    Raises InputError if there is no such path, if it is a pipe, or if a file is empty or not UTF-8 text.
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
    notes += notes_on_others(path, stem, sources) + marks_notes(path)
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
