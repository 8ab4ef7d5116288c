"""Documents and corpora, in canonical text."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from toolkit.errors import InputError
from toolkit.results.corpus import BLOCK, DOCUMENT, SEGMENT
from toolkit.results.text import plural
from toolkit.text.not_text import CONVERT, NotTextError
from toolkit.text.rows import DEFAULT_COLUMN

DEFAULT_LANGUAGE = "en"
SPLIT_PARTS = ("train", "valid", "test")
LONGEST_WORD = 40  # characters that are searched for a space, at least, where a text is cut
NAMED = 3  # documents with the text of another that have a sentence of their own


@dataclass(frozen=True)
class Document:
    """One text in canonical form."""

    name: str
    text: str

    @property
    def of(self) -> str:
        """The name of the whole document that it is, or that it is a part of."""
        return self.name

    @property
    def characters(self) -> int:
        """How long the text is."""
        return len(self.text)


def characters(documents: Iterable[Document]) -> int:
    """How long the documents are together."""
    return sum(document.characters for document in documents)


def whole_documents(documents: Iterable[Document]) -> int:
    """How many documents there are, the parts of one counted once."""
    return len({document.of for document in documents})


def left_out_together(documents: Sequence[Document]) -> list[int]:
    """By document, the number of what is left out with it, from 0: the whole document of which it may be one of several
    parts, which follow each other; or the part itself, if all are parts of one.

    >>> left_out_together([Document("a", "moon"), Document("b", "fen")])
    [0, 1]
    """
    if whole_documents(documents) < 2:
        return list(range(len(documents)))
    wholes = groupby(documents, key=lambda document: document.of)
    return [number for number, (_, of_whole) in enumerate(wholes) for _ in of_whole]


@dataclass(frozen=True)
class Split:
    """Training, validation and test documents. ``notes`` are sentences that a reader of the result must see.

    ``unit`` is what columns are compared over; a single test document, whole or in parts, makes segments for this.
    ``cut`` says how a corpus of one document was cut.
    """

    train: tuple[Document, ...]
    valid: tuple[Document, ...]
    test: tuple[Document, ...]
    notes: tuple[str, ...] = ()
    unit: str = DOCUMENT
    cut: str = ""

    @property
    def parts(self) -> dict[str, tuple[Document, ...]]:
        """The documents of each part, by its name."""
        return {part: getattr(self, part) for part in SPLIT_PARTS}

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents of all parts."""
        return (*self.train, *self.valid, *self.test)


@dataclass(frozen=True)
class Digest:
    """The hash of a corpus, if it was computed while its documents were read. It is that of these documents alone."""

    sha256: str
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Corpus:
    """Named documents in one language. ``given`` is the split that the folder prescribes, if any.

    ``text_column`` is where files of rows have the text, and ``notes`` are sentences about what was read. A corpus that
    does not fit has its texts in the cache (stored.py), and its ``digest``.
    """

    name: str
    documents: tuple[Document, ...]
    language: str = DEFAULT_LANGUAGE
    path: str = ""
    given: Split | None = None
    text_column: str = DEFAULT_COLUMN
    notes: tuple[str, ...] = ()
    digest: Digest | None = None

    @property
    def characters(self) -> int:
        """Characters of all documents, in canonical text."""
        return characters(self.documents)

    @property
    def sha256(self) -> str:
        """Hash of names, texts and given split: corpora with equal hashes are equal."""
        if self.digest is not None and self.digest.documents is self.documents:
            return self.digest.sha256
        digest = hashlib.sha256()
        groups = self.given.parts if self.given else {"": self.documents}
        for part, documents in groups.items():
            for document in documents:
                for field in (part, document.name, document.text):
                    encoded = field.encode()
                    digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.hexdigest()


def canonical(text: str) -> str:
    r"""The text that every tokenizer receives and restores: no byte-order mark, NFC, ``\r\n`` as ``\n``.

    Several marks or ``\r`` are treated as one, so canonical text stays the same.

    >>> canonical("\ufeffcafe\u0301\r\n")
    'café\n'
    """
    return in_normal_form(text.lstrip("\ufeff"))


def in_normal_form(text: str) -> str:
    r"""The text in Unicode's normal form C, with ``\r\n`` as ``\n``."""
    return unicodedata.normalize("NFC", re.sub(r"(?<!\r)\r+\n", "\n", text) if "\r" in text else text)


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


def decode_utf8(content: bytes, source: str, place: int = 0) -> str:
    """The text of bytes, which begin at a ``place`` in a file, unchanged.

    Raises NotTextError, naming the byte, if they are not UTF-8 text.
    """
    refuse_nul(content, source, place)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotTextError(
            f"{source} is not UTF-8: byte 0x{content[error.start]:02x} at byte offset {place + error.start} cannot be "
            f"decoded; {CONVERT}."
        ) from error


def refuse_nul(content: bytes, source: str, place: int) -> None:
    """Raises NotTextError if bytes, which begin at a ``place`` in a file, have a NUL."""
    if (nul := content.find(b"\0")) >= 0:
        raise NotTextError(f"{source} is binary: it has a NUL byte at byte offset {place + nul}; give UTF-8 text.")


def check_name(name: object, which: str) -> None:
    """Raises InputError if a name is not plain: it becomes part of a path."""
    if not isinstance(name, str) or not name or set(name) & set("/\\\0") or name in {".", ".."}:
        raise InputError(f"{which} cannot be {name!r}; give a plain name.")


def described(*parts: tuple[Document, ...], notes: Sequence[str] = (), unit: str = DOCUMENT) -> Split:
    """The split into train, valid and test, with notes for its reader, and its unit if parts of a text are held out."""
    train, valid, test = parts
    notes = [*notes, *shared_text_notes(*parts)]
    whole = whole_documents(test)
    if len(test) == 1 or (whole == 1 and unit == DOCUMENT):
        unit = SEGMENT
    elif whole < len(test) and unit == DOCUMENT:
        notes.append(
            f"The {len(test):,} held-out texts are of {whole:,} documents, since long ones were cut into parts: those "
            f"of one document are more alike than other documents would be, and intervals take them for independent."
        )
        unit = BLOCK
    return Split(train, valid, test, tuple(dict.fromkeys(notes)), unit)


def shared_text_notes(*parts: Sequence[Document]) -> list[str]:
    """A sentence for each of a few documents whose text is in two parts of a split, and one that counts the others."""
    notes = list[str]()
    for i, a in enumerate(SPLIT_PARTS):
        for j in range(i + 1, len(SPLIT_PARTS)):
            lengths = {document.characters for document in parts[j]}
            names = {content(document): document.name for document in parts[i] if document.characters in lengths}
            lengths = {document.characters for document in parts[i]}
            found = [
                (names[same], document.name)
                for document in parts[j]
                if document.characters in lengths and (same := content(document)) in names
            ]
            b = SPLIT_PARTS[j]
            why = "choices were made on the text that is scored" if a == "valid" else "the model was trained on it"
            notes += [f"{one!r} of {a} and {other!r} of {b} have the same text: {why}." for one, other in found[:NAMED]]
            if (more := len(found) - NAMED) > 0:
                have = "has" if more == 1 else "have"
                notes.append(f"{plural(more, 'more document')} of {b} {have} the same text as one of {a}: {why}.")
    return notes


def content(document: Document) -> bytes:
    """What tells a text from any other."""
    return hashlib.sha256(document.text.encode()).digest()


def beginning(text: str, characters: int) -> str:
    """At most this many characters of the text, cut before the last space of its last tenth, or of its last 40
    characters if those are more; before other white space where there is no space; and else wherever they end.

    A text may have spaces in its heading alone: it is not cut to that.

    >>> beginning("one two three", 9), beginning("月光下的 海港".ljust(99, "月"), 60) == "月光下的 海港".ljust(60, "月")
    ('one two', True)
    """
    if len(text) <= characters:
        return text
    earliest = max(0, characters - max(characters // 10, LONGEST_WORD))
    last = text.rfind(" ", earliest, characters)
    if last < 0:
        last = max((i for i in range(earliest, characters) if text[i].isspace()), default=characters)
    return text[: last or characters]


def beginnings(documents: Sequence[Document], characters: int) -> list[Document]:
    """The ``beginning`` of each document."""
    return [Document(document.name, beginning(document.text, characters)) for document in documents]
