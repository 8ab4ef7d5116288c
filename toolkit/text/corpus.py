"""Documents and corpora, read from files, in canonical text."""

import hashlib
import os
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.text.rows import DEFAULT_COLUMN, OF_TEXT, Row, parquet_rows
from toolkit.text.unpacking import READERS, unpacked

DEFAULT_LANGUAGE = "en"
SPLIT_PARTS = ("train", "valid", "test")
ONE_DOCUMENT = (".txt", ".txt.gz", ".txt.zst")  # what the name of a file of one document ends with
ROWS = (".jsonl", ".csv", ".parquet")  # and of a file whose rows are documents


@dataclass(frozen=True)
class Document:
    """One text in canonical form."""

    name: str
    text: str


@dataclass(frozen=True)
class Split:
    """Training, validation and test documents. ``notes`` are sentences that a reader of the result must see.

    ``unit`` is what columns are compared over; a single test document is cut into segments for this. ``cut`` says how
    a corpus of one document was cut.
    """

    train: tuple[Document, ...]
    valid: tuple[Document, ...]
    test: tuple[Document, ...]
    notes: tuple[str, ...] = ()
    unit: str = "held-out document"
    cut: str = ""


@dataclass(frozen=True)
class Corpus:
    """Named documents in one language. ``given`` is the split that the folder prescribes, if any.

    ``text_column`` is where files of rows have the text, and ``notes`` are sentences about what was read.
    """

    name: str
    documents: tuple[Document, ...]
    language: str = DEFAULT_LANGUAGE
    path: str = ""
    given: Split | None = None
    text_column: str = DEFAULT_COLUMN
    notes: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """Characters of all documents, in canonical text."""
        return sum(len(document.text) for document in self.documents)

    @property
    def sha256(self) -> str:
        """Hash of names, texts and given split: corpora with equal hashes are equal."""
        digest = hashlib.sha256()
        groups = [(part, getattr(self.given, part)) for part in SPLIT_PARTS] if self.given else [("", self.documents)]
        for part, documents in groups:
            for document in documents:
                for field in (part, document.name, document.text):
                    encoded = field.encode()
                    digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file. Raises InputError if it cannot be read."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def canonical(text: str) -> str:
    r"""The text that every tokenizer receives and restores: no byte-order mark, NFC, ``\r\n`` as ``\n``.

    Several marks or ``\r`` are treated as one, so canonical text stays the same.

    >>> canonical("\ufeffcafe\u0301\r\n")
    'café\n'
    """
    return unicodedata.normalize("NFC", re.sub(r"\r+\n", "\n", text.lstrip("\ufeff")))


def difference_from_canonical(text: str) -> str | None:
    r"""What ``canonical`` would change in the text, in words; None if it is canonical.

    >>> difference_from_canonical("a\r\nb")
    'its line ends are CRLF (canonical text has LF)'
    """
    if text.startswith("\ufeff"):
        return "it begins with a byte-order mark (canonical text has none)"
    if "\r\n" in text:
        return "its line ends are CRLF (canonical text has LF)"
    if text != canonical(text):
        return "it is not in Unicode normal form C"
    return None


def encode_utf8(text: str, source: str) -> bytes:
    """A text's bytes as UTF-8. Raises InputError if it has a NUL or half of a surrogate pair."""
    if (bad := re.search("[\0\ud800-\udfff]", text)) is not None:
        raise InputError(
            f"{source} has {bad[0]!a} at character {bad.start()}; UTF-8 has no half of a surrogate pair, and text no "
            f"NUL, so remove it."
        )
    return text.encode("utf-8")


def utf8_bytes(texts: Iterable[str]) -> int:
    """How many bytes the texts have in UTF-8.

    >>> utf8_bytes(["an", "é"])
    4
    """
    return sum(len(text.encode()) for text in texts)


def decode_utf8(content: bytes, source: str) -> str:
    """The text of a file's bytes, unchanged. Raises InputError, naming the byte, if they are not UTF-8 text."""
    if (nul := content.find(b"\0")) >= 0:
        raise InputError(f"{source} is binary: it has a NUL byte at byte offset {nul}; give UTF-8 text.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not UTF-8: byte 0x{content[error.start]:02x} at byte offset {error.start} cannot be decoded; "
            f"convert the file to UTF-8 (for example with iconv)."
        ) from error


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; give a readable file.") from error


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


def checked(corpus: Corpus) -> Corpus:
    """A corpus that was made in Python, in canonical form, as if it had been read from files.

    Raises InputError for a document without text or with text that UTF-8 has not, or if the name is not a plain one.
    """
    check_name(corpus.name, "The name of the corpus")
    if not corpus.documents and corpus.given is None:
        raise InputError(f"The corpus {corpus.name} has no documents; give several, or a long one.")
    if corpus.given is None:
        return replace(corpus, documents=checked_documents(corpus.documents))
    train, valid, test = (checked_documents(getattr(corpus.given, part)) for part in SPLIT_PARTS)
    given = replace(corpus.given, train=train, valid=valid, test=test)
    return replace(corpus, documents=train + valid + test, given=given)


def checked_documents(documents: Sequence[Document]) -> tuple[Document, ...]:
    """The documents in canonical form. Raises InputError for one without text, or with text that UTF-8 has not."""
    for document in documents:
        encode_utf8(document.name, "The name of a document")
        encode_utf8(document.text, f"The document {document.name!r}")
        if not document.text.strip():
            raise InputError(f"The document {document.name!r} is empty; remove it from the corpus or add text.")
    return tuple(Document(document.name, canonical(document.text)) for document in documents)


def check_name(name: object, which: str) -> None:
    """Raises InputError if a name is not plain: it becomes part of a path."""
    if not isinstance(name, str) or not name or set(name) & set("/\\\0") or name in {".", ".."}:
        raise InputError(f"{which} cannot be {name!r}; give a plain name.")


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


def described(*parts: tuple[Document, ...], notes: Sequence[str] = (), unit: str = "held-out document") -> Split:
    """The split into train, valid and test, with notes for its reader."""
    train, valid, test = parts
    notes = [*notes, *shared_text_notes(*parts)]
    if len(test) == 1:
        notes.append("There is only one held-out document: every statement is about this text, over its segments.")
        unit = "held-out segment"
    return Split(train, valid, test, tuple(notes), unit)


def shared_text_notes(*parts: Sequence[Document]) -> list[str]:
    """A sentence for each document whose text is in two parts of a split."""
    notes = []
    for i, a in enumerate(SPLIT_PARTS):
        for j in range(i + 1, len(SPLIT_PARTS)):
            texts = {document.text: document.name for document in parts[i]}
            notes += [
                f"{texts[document.text]!r} of {a} and {document.name!r} of {SPLIT_PARTS[j]} have the same text: "
                + ("choices were made on the text that is scored." if a == "valid" else "the model was trained on it.")
                for document in parts[j]
                if document.text in texts
            ]
    return notes


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


def beginning(text: str, characters: int) -> str:
    """At most this many characters of the text, cut before a space if there is one.

    >>> beginning("one two three", 9)
    'one two'
    """
    if len(text) <= characters:
        return text
    return text[: max(text.rfind(" ", 0, characters), 0) or characters]
