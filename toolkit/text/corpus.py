"""Documents, corpora and splits, in canonical text."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import distribution
from pathlib import Path

from toolkit.config import typed_arguments
from toolkit.errors import InputError, unknown
from toolkit.results.corpus import DOCUMENT, SEGMENT, Unit
from toolkit.results.record import Shown
from toolkit.results.text import count, plural

DEFAULT_LANGUAGE = "en"
SPLIT_PARTS = ("train", "valid", "test")
MAX_WORD_CHARACTERS = 40  # a cut searches at least so far back for a space


@dataclass(frozen=True)
class Document:
    """One text in canonical form."""

    name: str
    text: str

    def __post_init__(self) -> None:
        typed_arguments(Document, self.name, self.text)

    @cached_property
    def characters(self) -> int:
        """The length of the text."""
        return len(self.text)


def characters(documents: Iterable[Document]) -> int:
    """Return the total length of documents."""
    return sum(document.characters for document in documents)


def utf8_bytes(texts: Iterable[str]) -> int:
    """Return the number of bytes of texts in UTF-8."""
    return sum(len(text.encode()) for text in texts)


@dataclass(frozen=True)
class Split:
    """Training, validation and test documents."""

    train: tuple[Document, ...]
    valid: tuple[Document, ...]
    test: tuple[Document, ...]
    unit: Unit = DOCUMENT  # that columns are compared over; segments of a single test document

    def __post_init__(self) -> None:
        if len(self.test) == 1:
            object.__setattr__(self, "unit", SEGMENT)

    @property
    def parts(self) -> dict[str, tuple[Document, ...]]:
        """The documents of each part, by its name."""
        return {part: getattr(self, part) for part in SPLIT_PARTS}

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents of all parts."""
        return (*self.train, *self.valid, *self.test)


@dataclass(frozen=True, repr=False)
class Corpus(Shown):
    """Named documents in one language, which is given by its code or by its English name.

    In a notebook it shows a table of its parts.
    """

    name: str
    documents: Sequence[Document]
    language: str = DEFAULT_LANGUAGE
    path: str = ""
    given: Split | None = None  # that the folder prescribes
    headline = "Give it to toolkit.inspect or toolkit.compare."

    def __post_init__(self) -> None:
        typed_arguments(Corpus, **vars(self))
        object.__setattr__(self, "language", language_code(self.language))

    @property
    def title(self) -> str:
        """Its name, size and language."""
        return (
            f"{self.name}: {plural(len(self.documents), 'document')}, "
            f"{count(self.characters)} characters, language {self.language}"
        )

    def table(self) -> list[list[str]]:
        """Return a heading, and a line per part of the given split, or for all documents."""
        parts = self.given.parts if self.given else {"all": self.documents}
        lines = [[part, count(len(texts)), count(characters(texts))] for part, texts in parts.items()]
        return [["part", "documents", "characters"], *lines]

    @property
    def characters(self) -> int:
        """Characters of all documents, in canonical text."""
        return characters(self.documents)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of names, texts and given split."""
        digest = hashlib.sha256()
        for part, documents in (self.given.parts if self.given else {"": self.documents}).items():
            for document in documents:
                for field in (part.encode(), document.name.encode(), document.text.encode()):
                    digest.update(len(field).to_bytes(8, "big") + field)
        return digest.hexdigest()


def language_code(language: str) -> str:
    """Return the code of a language that has a code or, in spaCy, an English name.

    Raises InputError for an unknown name.

    >>> [language_code(language) for language in ("tr", "Turkish", "ancient Greek")]
    ['tr', 'tr', 'grc']
    """
    name = language.lower().replace(" ", "")
    if re.fullmatch("[a-z]{2,3}([-_].+)?", name):  # spaCy may not know it, but char works
        return name
    codes = {  # the names of classes are read, because to import all of them takes seconds
        known.lower(): file.parent.name
        for file in Path(str(distribution("spacy").locate_file("spacy/lang"))).glob("*/__init__.py")
        for known in re.findall(r"(?m)^class (\w+)\(Language\)", file.read_text("utf-8"))
    }
    if name not in codes:
        raise unknown("language", name, [f"{known} ({code})" for known, code in codes.items()])
    return codes[name]


def canonical(text: str) -> str:
    r"""Return the text that tokenizers receive and restore: no byte-order mark, NFC, ``\r\n`` as ``\n``.

    >>> canonical("\ufeffcafe\u0301\r\n")
    'café\n'
    """
    text = text.lstrip("\ufeff")
    return unicodedata.normalize("NFC", re.sub(r"(?<!\r)\r+\n", "\n", text) if "\r" in text else text)


def difference_from_canonical(text: str) -> str | None:
    r"""Return how a text differs from canonical text, in words, or None if it is canonical."""
    if text == canonical(text):
        return None
    if text.startswith("\ufeff"):
        return "it begins with a byte-order mark (canonical text has none)"
    return (
        "its line ends are CRLF (canonical text has LF)"
        if "\r\n" in text
        else "it is not in Unicode normal form C"
    )


def encode_utf8(text: str, source: str) -> bytes:
    """Return the UTF-8 bytes of a text. Raises InputError if it has a NUL or half of a surrogate pair."""
    if bad := re.search("[\0\ud800-\udfff]", text):
        raise InputError(
            f"{source} has {bad[0]!a} at character {bad.start()}. Remove it: a text has no NUL and no surrogate."
        )
    return text.encode()


def decode_utf8(content: bytes, source: str) -> str:
    """Return the text of UTF-8 bytes. Raises InputError if they are not UTF-8, or have a NUL."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is not UTF-8: {error.reason}. Convert it to UTF-8.") from error
    encode_utf8(text, source)
    return text


def beginning(text: str, characters: int) -> str:
    """Return at most this many characters of a text, cut before white space if the last tenth, or 40, have some."""
    if len(text) <= characters:
        return text
    earliest = max(0, characters - max(characters // 10, MAX_WORD_CHARACTERS))
    last = text.rfind(" ", earliest, characters)
    if last < 0:
        last = max((i for i in range(earliest, characters) if text[i].isspace()), default=characters)
    return text[: last or characters]


def ends_with_single_space(text: str) -> bool:
    """Return whether a text ends with a space that no other white space precedes."""
    return text.endswith(" ") and not text[-2:-1].isspace()
