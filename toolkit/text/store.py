"""Documents of a corpus as they are read: few stay in memory, many go to one SQLite file of the cache.

SQLite is in the standard library, unlike Arrow. It finds one text by its number without reading others, and removes
the parts of a document that turns out to have no text.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import lru_cache
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

from toolkit.errors import InputError
from toolkit.files import entry
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, Split, encode_utf8
from toolkit.text.paragraphs import nearest_end

MEMORY_CHARACTERS = 20_000_000  # of a corpus that stays in memory
LONG_CHARACTERS = 1_000_000  # of a document of a larger corpus; a longer one is cut into parts
PART_CHARACTERS = 100_000  # of such a part, at most, and half as many at least; of the last, at most twice as many


def fits(characters: int) -> bool:
    """Return whether a corpus of so many characters stays in memory."""
    return characters <= MEMORY_CHARACTERS


class StoredDocument(Document):
    """A document, or a part of one, whose text is a row of a file in the cache.

    Comparing such documents, or sending them to another process, reads no text.
    """

    store: str
    row: int

    def __init__(self, name: str, whole: str, characters: int, store: str, row: int) -> None:
        vars(self).update(name=name, whole=whole, characters=characters, store=store, row=row)  # the class is frozen

    @property
    def path(self) -> Path:
        """The file in the cache of this machine."""
        return entry("texts", self.store)

    @property
    def text(self) -> str:
        """The text. Raises InputError if it is no longer in the cache."""
        try:
            return read_text(self.path, self.row)
        except (sqlite3.Error, TypeError) as error:  # TypeError: there is no such row
            raise InputError(f"The text of {self.name!r} is no longer in {self.path}. Repeat the command.") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredDocument) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.store, self.row))


@lru_cache(1)  # callers take many slices of one text
def read_text(path: Path, row: int) -> str:
    """Return a text of a store."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        (text,) = database.execute("SELECT text FROM texts WHERE rowid = ?", (row,)).fetchone()
    return str(text)


class Piece(NamedTuple):
    """A document or a part of one: its part of the given split ("" without one), the whole document and its length."""

    part: str
    whole: str
    characters: int


class Gathering(ExitStack):
    """The documents of a corpus while they are read. As a context manager, it removes a file that is not finished."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[Piece] = []
        self._texts: list[str] = []  # of all pieces, while they stay in memory
        self._names: set[str] = set()
        self._characters = 0
        self._database: sqlite3.Connection | None = None
        self._digest = hashlib.sha256()
        self._file = entry("texts", f".{secrets.token_hex(8)}")

    def add(self, part: str, name: str, chunks: Iterable[str]) -> bool:
        """Add a document in canonical text unless it has no text.

        Args:
            part: its part of the given split, or "" without one. Documents of a part follow each other.
            name: its name.
            chunks: its text.

        Returns:
            Whether it has text.

        Raises:
            InputError: another document has the name, or UTF-8 cannot encode the name or the text.
        """
        encode_utf8(name, "The name of a document")
        if name in self._names:
            raise InputError(f"Two documents are called {name!r}. Rename one.")
        first, characters, has_text = len(self._pieces), self._characters, False
        for text in parts(chunks):
            self._digest.update(len(text).to_bytes(8, "big") + encode_utf8(text, name))
            self._pieces.append(Piece(part, name, len(text)))
            self._texts.append(text)
            self._characters += len(text)
            has_text = has_text or bool(text.strip())
            if self._database is not None or not fits(self._characters):
                self._write()
        if has_text:
            self._names.add(name)
        else:
            self._characters = characters
            del self._pieces[first:], self._texts[first:]
            if self._database is not None:
                self._database.execute("DELETE FROM texts WHERE rowid > ?", (first,))
        return has_text

    def _write(self) -> None:
        """Move the texts in memory to the database, where the row of a piece is its number from 1."""
        if self._database is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self.callback(self._file.unlink, missing_ok=True)
            self._database = self.enter_context(closing(sqlite3.connect(self._file)))
            self._database.execute("PRAGMA synchronous = OFF")  # each reading of a corpus writes the file
            self._database.execute("CREATE TABLE texts (text)")
        self._database.executemany("INSERT INTO texts VALUES (?)", [(text,) for text in self._texts])
        self._texts.clear()

    def corpus(self, corpus: Corpus) -> Corpus:
        """Return a corpus with the documents that were added, and with their given split if they have parts."""
        if self._database is not None:
            self._database.commit()
            self._file.replace(entry("texts", self._digest.hexdigest()))
        documents: dict[str, list[Document]] = {}
        for part, document in self._documents():
            documents.setdefault(part, []).append(document)
        given = None
        if "" not in documents:
            train, valid, test = (tuple(documents.get(part, ())) for part in SPLIT_PARTS)
            given = replace(corpus.given or Split((), (), ()), train=train, valid=valid, test=test)
        return replace(corpus, documents=tuple(chain.from_iterable(documents.values())), given=given)

    def _documents(self) -> Iterator[tuple[str, Document]]:
        """Yield each document with its part of the given split."""
        store = self._digest.hexdigest()
        for (part, whole), group in groupby(enumerate(self._pieces, 1), lambda numbered: numbered[1][:2]):
            pieces = list(group)
            if self._database is None:
                yield part, Document(whole, "".join(self._texts[row - 1] for row, _ in pieces))
                continue
            digits = max(3, len(str(len(pieces))))
            for number, (row, piece) in enumerate(pieces, 1):
                name = whole if len(pieces) == 1 else f"{whole}#{number:0{digits}}"
                yield part, StoredDocument(name, whole, piece.characters, store, row)


def parts(chunks: Iterable[str]) -> Iterator[str]:
    """Yield a text that comes in chunks: whole, or, if it is long, in parts that end with a paragraph."""
    held, long = "", False
    for chunk in chunks:
        held += chunk
        long = long or len(held) > LONG_CHARACTERS
        start = 0
        while long and len(held) - start > 2 * PART_CHARACTERS:
            most = start + PART_CHARACTERS
            end = nearest_end(held, most, start + PART_CHARACTERS // 2, most)
            yield held[start:end]
            start = end
        held = held[start:]
    yield held
